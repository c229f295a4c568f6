"""HC-STVG v1 and v2: one sentence about a person, and one tube, per 20-second video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import fiftyone as fo

from ..request import GroundingError
from .base import VIDEOS, GroundingImporter
from .clips import MALFORMED, Clip, Query, why
from .report import Problem
from .truth import Track

SECONDS = 20
"""Duration of every video; ``img_num`` is this times the frame rate."""

ENGLISH = "English"
SENTENCE_KEYS = (ENGLISH, "caption", "Chinese")
"""The keys that may hold the sentence, the preferred one first."""

V2_KEYS = {ENGLISH, "Chinese", "img_size"}
"""Keys that v1 does not have."""


@dataclass(frozen=True, eq=False)
class Target:
    """The person of a sentence.

    Attributes:
        track: the boxes.
        n_by_times: number of frames of the event by ``st_time`` and ``ed_time``.
        key: the key that the sentence is from.
    """

    track: Track
    n_by_times: float
    key: str

    @property
    def difference(self) -> float:
        """By how many frames the times and the boxes differ."""
        return abs(self.n_by_times - len(self.track.frames))


class HCSTVGImporter(GroundingImporter):
    """Imports HC-STVG, v1 or v2, from its original files.

    Both map video names to records: ``bbox`` ``[[x, y, w, h], ...]`` in pixels, ``st_frame``
    (1-based frame number of the first box), ``st_time`` and ``ed_time`` in seconds, ``img_num``
    (number of frames of the video). v1 has ``caption``, ``width`` and ``height``; v2 has
    ``English`` and ``img_size`` ``[height, width]``, which may be followed by the number of
    channels. These keys determine the version; v2 rewritten with the keys of v1, as some projects
    do, is treated as v1. A record of v2 without ``English`` keeps the sentence that it has in
    ``caption`` or ``Chinese``, which is reported as ``not_english``.

    The event is the span of the boxes: from ``st_frame`` to ``st_frame + len(bbox) - 1``, as in
    STCAT; TubeDETR has the same number of frames but starts one later. The times often disagree,
    which is reported once for the whole import as ``span_differs``.

    Boxes of negative width or height, which v2's validation file has, are dropped and interpolated.

    See `GroundingImporter` for the fields.

    Args:
        annotations: ``test.json`` (v1), ``val_v2.json`` (v2), or another annotation file.
        videos: folder of videos; sub-folders are searched.
        shard: see `GroundingImporter`.
        shuffle: see `GroundingImporter`.
        seed: see `GroundingImporter`.
        max_samples: see `GroundingImporter`.

    Attributes:
        version: 1 or 2.

    Example::

        importer = HCSTVGImporter("test.json", "videos")
        dataset = fo.Dataset.from_importer(importer)
        print(importer.report)
    """

    version = 1

    @property
    def benchmark(self) -> str:
        """``"hcstvg-v1"`` or ``"hcstvg-v2"``."""
        return f"hcstvg-v{self.version}"

    def _read_clips(self, records: Any) -> list[Clip | Problem]:
        if not isinstance(records, dict):
            raise GroundingError(
                f"'{self.annotations}' is not an HC-STVG file: expected a dict of records by video "
                f"name, got a {type(records).__name__}."
            )
        for record in records.values():
            if isinstance(record, dict) and V2_KEYS & record.keys():
                self.version = 2
        return [_read(name, record) for name, record in sorted(records.items())]

    def _make_samples(self) -> Iterator[fo.Sample]:
        self._spans: list[tuple[str, Target]] = []
        yield from super()._make_samples()
        self._report_spans()

    def _track(self, clip: Clip, query: Query) -> Track:
        target: Target = query.target
        self._spans.append((clip.video, target))
        if self.version == 2 and target.key != ENGLISH:
            self._note("not_english", clip, f"'{query.sentence}' is from the key '{target.key}'")
        return target.track

    def _report_spans(self) -> None:
        """Reports, in one line, how far times and boxes differ: they do in most records."""
        differ = [row for row in self._spans if row[1].difference > 1]
        if differ:
            video, target = max(differ, key=lambda row: row[1].difference)
            text = (
                f"the times differ from the boxes by a median of "
                f"{median(row[1].difference for row in differ):.0f} frames, at most "
                f"{target.difference:.0f}: {target.n_by_times:.0f} frames and "
                f"{len(target.track.frames)} boxes in {video}"
            )
            which = f"{len(differ)} of {len(self._spans)} events"
            self.report.problems.append(Problem("span_differs", which, text, len(differ)))


def _read(name: str, record: Any) -> Clip | Problem:
    """The clip of a record."""
    video = Path(name).stem if name.lower().endswith(VIDEOS) else name
    try:
        key = _sentence_key(record)
        sentence = (record[key] or "").strip()
        if not sentence:
            return Problem("no_sentence", video, "the sentence is empty")
        if "img_size" in record:
            height, width = record["img_size"][:2]  # the number of channels may follow
        else:
            width, height = record["width"], record["height"]
        begin, boxes, n_frames = record["st_frame"] - 1, record["bbox"], record["img_num"]
        if not boxes:
            return Problem("no_boxes", video, "the list of boxes is empty")
        frame_rate = n_frames / SECONDS
        n_by_times = (record["ed_time"] - record["st_time"]) * frame_rate
        event = (begin, begin + len(boxes))
        track = Track.of(range(*event), boxes)
        if min(width, height, n_frames) <= 0:
            raise ValueError(f"{width}x{height}, {n_frames} frames")
        query = Query(sentence, event, Target(track, n_by_times, key))
        return Clip(video, (width, height), frame_rate, n_frames, (query,))
    except MALFORMED as error:
        return Problem("bad_record", video, why(error))


def _sentence_key(record: dict[str, Any]) -> str:
    """The key of the sentence: the first that is not empty, or else any that is there.

    Raises:
        KeyError: there is none.
    """
    present = [key for key in SENTENCE_KEYS if key in record]
    filled = [key for key in present if (record[key] or "").strip()]
    if not present:
        raise KeyError(ENGLISH if V2_KEYS & record.keys() else "caption")
    return (filled or present)[0]
