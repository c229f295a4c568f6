"""HC-STVG v1 and v2: one sentence about a person, and one tube, per 20-second video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..request import GroundingError
from .base import VIDEOS, GroundingImporter
from .clips import MALFORMED, Clip, Query, why
from .report import Problem
from .truth import Track

SECONDS = 20
"""Duration of every video; ``img_num`` is this times the frame rate."""


class HCSTVGImporter(GroundingImporter):
    """Imports HC-STVG, v1 or v2, from its original files.

    Both map video names to records: ``bbox`` ``[[x, y, w, h], ...]`` in pixels, ``st_frame``
    (1-based frame number of the first box), ``st_time`` and ``ed_time`` in seconds, ``img_num``
    (number of frames of the video). v1 has ``caption``, ``width`` and ``height``; v2 has
    ``English`` and ``img_size`` ``[height, width]``. These keys determine the version; v2 rewritten
    with the keys of v1, as some projects do, is treated as v1.

    The event is the span of the boxes: from ``st_frame`` to ``st_frame + len(bbox) - 1``, as in all
    evaluators. The times often disagree, which is reported as ``span_differs``.

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
        if any(isinstance(record, dict) and "English" in record for record in records.values()):
            self.version = 2
        return [_read(name, record) for name, record in sorted(records.items())]

    def _track(self, clip: Clip, query: Query) -> Track:
        expected, track = query.target
        if abs(expected - len(track.frames)) > 1:
            text = f"{len(track.frames)} boxes, but the times span {expected:.0f} frames"
            self._note("span_differs", clip, text)
        return track


def _read(name: str, record: Any) -> Clip | Problem:
    """The clip of a record; the target is the number of frames by the times, and the track."""
    video = Path(name).stem if name.lower().endswith(VIDEOS) else name
    try:
        sentence = record["English" if "English" in record else "caption"].strip()
        if not sentence:
            return Problem("no_sentence", video, "the sentence is empty")
        if "img_size" in record:
            height, width = record["img_size"]
        else:
            width, height = record["width"], record["height"]
        begin, boxes, n_frames = record["st_frame"] - 1, record["bbox"], record["img_num"]
        if not boxes:
            return Problem("no_boxes", video, "the list of boxes is empty")
        frame_rate = n_frames / SECONDS
        expected = (record["ed_time"] - record["st_time"]) * frame_rate
        event = (begin, begin + len(boxes))
        track = Track.of(range(*event), boxes)
        if min(width, height, n_frames) <= 0:
            raise ValueError(f"{width}x{height}, {n_frames} frames")
        query = Query(sentence, event, (expected, track))
        return Clip(video, (width, height), frame_rate, n_frames, (query,))
    except MALFORMED as error:
        return Problem("bad_record", video, why(error))
