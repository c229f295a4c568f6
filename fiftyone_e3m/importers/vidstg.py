"""VidSTG: declarative and interrogative sentences about objects in segments of VidOR videos."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from ..request import GroundingError
from ..video import Video, VideoError
from .base import GroundingImporter
from .clips import MALFORMED, Clip, LeftOutError, Query, why
from .files import FilesByStem, read_json
from .report import Problem
from .segments import cut_segment
from .truth import Track

KINDS_OF = {"captions": "declarative", "questions": "interrogative"}
SIDES = ("xmin", "ymin", "xmax", "ymax")

ClipKey = tuple[str, tuple[int, int], int]
"""Video, segment, and index among the samples of that segment."""


class VidSTGImporter(GroundingImporter):
    """Imports VidSTG from its annotation file and VidOR's folder of trajectories.

    Each sentence refers to a segment of a video (``used_segment``), in which it is grounded and
    evaluated. A FiftyOne sample that is part of a video cannot be grounded like a whole one, so
    **each segment is a sample with its own video file**: its frames are copied to `segments` once
    and reused (see `segments.cut_segment`: about 2 ms and 46 KB per frame at 640x360, not playable
    in browsers). A segment that spans the whole video is not copied. All frame numbers refer to the
    sample's own file. ``used_segment`` (first and last frame, 1-based, inclusive) and
    ``source_filepath`` identify the source.

    ``used_segment`` and ``temporal_gt`` are read as ``[begin_fid, end_fid)``, as in TubeDETR, with
    one exception: a segment with ``end_fid == frame_count - 1`` includes the last frame of the
    video, because ``temporal_gt`` often extends that far, and because whole videos then need no
    copy. An event that extends beyond its segment is clipped and reported as ``event_cut``.

    In addition to the fields of `GroundingImporter`, ``sentence_kinds`` holds "declarative" or
    "interrogative" for each of ``sentences``. Tubes are matched by sentence, so a sentence that is
    repeated in the same segment gets a separate sample and is reported.

    Args:
        annotations: ``test_annotations.json`` or another annotation file: a list of records.
        videos: folder of VidOR's videos; sub-folders are searched.
        vidor: VidOR's annotation folder; sub-folders are searched. Each file is named by ``vid``
            and holds ``trajectories``: per frame a list of
            ``{tid, bbox: {xmin, ymin, xmax, ymax}}``.
        segments: folder for the segment files.
        shard: see `GroundingImporter`.
        shuffle: see `GroundingImporter`.
        seed: see `GroundingImporter`.
        max_samples: see `GroundingImporter`.
    """

    def __init__(
        self,
        annotations: str | Path,
        videos: str | Path,
        vidor: str | Path,
        segments: str | Path,
        shard: tuple[int, int] | None = None,
        shuffle: bool = False,
        seed: int | None = None,
        max_samples: int | None = None,
    ) -> None:
        super().__init__(annotations, videos, shard, shuffle, seed, max_samples)
        self._trajectory_files = FilesByStem(vidor, (".json",))
        self._segments = Path(segments).expanduser().resolve()
        self._tracks_of = lru_cache(maxsize=1)(self._read_tracks)  # videos are visited in order

    @property
    def benchmark(self) -> str:
        """``"vidstg"``."""
        return "vidstg"

    @property
    def source(self) -> dict[str, Any]:
        """The settings that determine the samples, JSON-serializable."""
        folders = {"vidor": str(self._trajectory_files.folder), "segments": str(self._segments)}
        return {**super().source, **folders}

    def _read_clips(self, records: Any) -> list[Clip | Problem]:
        if not isinstance(records, list):
            raise GroundingError(
                f"'{self.annotations}' is not a VidSTG file: expected a list of records, got a "
                f"{type(records).__name__}."
            )
        clips: dict[ClipKey, Clip] = {}
        problems = []
        for number, record in enumerate(records, 1):
            try:
                clip, odd = _read(record)
            except MALFORMED as error:
                problems.append(Problem("bad_record", f"record {number}", why(error)))
                continue
            problems += odd
            for query in clip.queries:
                _add(clips, clip, query)
        return [*(clips[key] for key in sorted(clips)), *problems]

    def _place(self, clip: Clip) -> tuple[Video, int, float, dict[str, Any]]:
        source, rate = self._open(clip)
        begin, end = (round(frame * rate) for frame in _segment(clip))
        end = min(end, source.frame_count)
        if begin >= end:
            text = f"the segment begins at frame {begin + 1} of {source.frame_count}"
            raise LeftOutError("no_event", text)
        video = source
        if (begin, end) != (0, source.frame_count):
            try:
                video = cut_segment(source, begin, end, self._segments)
            except VideoError as error:
                raise LeftOutError("unreadable_video", str(error)) from None
        fields = {
            "used_segment": [begin + 1, begin + video.frame_count],
            "source_filepath": str(source.path),
        }
        return video, begin, rate, fields

    def _track(self, clip: Clip, query: Query) -> Track:
        track = self._tracks_of(clip.video).get(query.target)
        if track is None:
            raise LeftOutError("no_target", f"no boxes of object {query.target}")
        if clip.copy:
            self._note("repeated_sentence", clip, f"'{query.sentence}'")
        return track

    def _read_tracks(self, video: str) -> dict[int, Track]:
        """The track of each object of a video, by its ``tid``."""
        path = self._trajectory_files.find(video)
        if path is None:
            folder = self._trajectory_files.folder
            raise LeftOutError("missing_trajectories", f"no {video}.json in {folder}")
        try:
            return _tracks(read_json(path)[0]["trajectories"])
        except MALFORMED as error:  # includes GroundingError, a ValueError
            raise LeftOutError("missing_trajectories", f"{path.name}: {why(error)}") from None


def _read(record: Any) -> tuple[Clip, list[Problem]]:
    """The clip of a record, and problems for sentences that cannot be read."""
    video = str(record["vid"])
    queries, problems = [], []
    event = _span(record["temporal_gt"])
    for key, kind in KINDS_OF.items():
        for row in record[key]:
            sentence = row["description"].strip()
            if sentence:
                queries.append(Query(sentence, event, row["target_id"], kind))
            else:
                problems.append(Problem("no_sentence", video, f"one of its {key} is empty"))
    begin, end = _span(record["used_segment"])
    n_frames = record["frame_count"]
    segment = (begin, n_frames if end == n_frames - 1 else end)
    size = (record["width"], record["height"])
    clip = Clip(video, size, record["fps"], n_frames, tuple(queries), segment)
    if min(*clip.size, clip.frame_rate, clip.frame_count) <= 0:
        raise ValueError(f"{clip.size}, {clip.frame_rate} fps, {clip.frame_count} frames")
    return clip, problems


def _add(clips: dict[ClipKey, Clip], clip: Clip, query: Query) -> None:
    """Adds a sentence to the first clip of its segment that does not contain it."""
    for copy in count():
        key = (clip.video, _segment(clip), copy)
        existing = clips.setdefault(key, replace(clip, queries=(), copy=copy))
        if all(query.sentence != other.sentence for other in existing.queries):
            clips[key] = replace(existing, queries=(*existing.queries, query))
            return


def _segment(clip: Clip) -> tuple[int, int]:
    return clip.segment or (0, clip.frame_count)


def _span(value: dict[str, int]) -> tuple[int, int]:
    begin, end = value["begin_fid"], value["end_fid"]
    if not 0 <= begin < end:
        raise ValueError(f"from frame {begin} to frame {end}")
    return begin, end


def _tracks(trajectories: list[list[dict[str, Any]]]) -> dict[int, Track]:
    """The track of each object, from the boxes of each frame."""
    frames: dict[int, list[int]] = {}
    boxes: dict[int, list[list[float]]] = {}
    for frame, rows in enumerate(trajectories):
        for row in rows:
            frames.setdefault(row["tid"], []).append(frame)
            boxes.setdefault(row["tid"], []).append([row["bbox"][side] for side in SIDES])
    return {tid: Track(np.array(frames[tid]), np.array(boxes[tid], float)) for tid in frames}
