"""Base class of the importers: from the sentences and tracks of a video to a sample."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fiftyone as fo
import fiftyone.utils.data as foud

from ..request import GroundingError
from ..video import Video, VideoError
from .blackness import BLACK, black_frames
from .clips import Clip, LeftOutError, Query
from .files import FilesByStem, read_json
from .report import ImportReport, Problem
from .samples import make_sample
from .truth import Track, TrueTube, fit_tube, rate_between

VIDEOS = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv")


class GroundingImporter(foud.GenericSampleDatasetImporter):
    """Imports sentences and their true tubes, one sample per video.

    The fields are ``sentences`` (list of strings: pass ``query_field="sentences"`` to `ground`),
    ``frames.gt`` (`Detections`: label = the sentence, ``index`` = its 1-based number in the video)
    and ``gt_events`` (`TemporalDetections`, support 1-based and inclusive). Pass ``gt_field="gt"``
    to `evaluate`. ``metadata`` is read from the file.

    A record that cannot be imported never stops the others; `report` lists it with the reason. It
    also lists what is imported but unusual, such as a video that decodes black.

    Args:
        annotations: the annotation file.
        videos: folder of videos; sub-folders are searched.
        shard: ``(k, n)`` takes every n-th sample from the k-th on, 1-based, ordered by video name;
            the n shards together are the whole dataset.
        shuffle: whether to shuffle the samples.
        seed: random seed of the shuffling.
        max_samples: import only the first samples, before they are split into shards.

    Attributes:
        report: what was imported and what was not; complete once the import is.
        digest: SHA-256 of the annotation file.

    Raises:
        GroundingError: a file or folder does not exist or has an unexpected format, or the shard
            does not exist.
    """

    def __init__(
        self,
        annotations: str | Path,
        videos: str | Path,
        shard: tuple[int, int] | None = None,
        shuffle: bool = False,
        seed: int | None = None,
        max_samples: int | None = None,
    ) -> None:
        super().__init__(shuffle=shuffle, seed=seed, max_samples=max_samples)
        self.shard = shard or (1, 1)
        if not 1 <= self.shard[0] <= self.shard[1]:
            raise GroundingError(f"There is no shard {self.shard[0]} of {self.shard[1]}.")
        self.annotations = annotations
        records, self.digest = read_json(annotations)
        self._files = FilesByStem(videos, VIDEOS)
        self._all_clips = self._read_clips(records)
        self._clips: list[Clip | Problem] = []
        self._samples: Iterator[fo.Sample] = iter(())
        self.report = ImportReport()

    @property
    @abstractmethod
    def benchmark(self) -> str:
        """Name of the benchmark that the annotations belong to, as in ``protocols.published``."""

    @property
    def source(self) -> dict[str, Any]:
        """The settings that determine the samples, JSON-serializable."""
        return {
            "benchmark": self.benchmark,
            "annotations": self.digest,
            "videos": str(self._files.folder),
            "shard": list(self.shard),
            "max_samples": self.max_samples,
        }

    def setup(self) -> None:
        """Selects the samples; FiftyOne calls it before the first sample."""
        first, step = self.shard
        self._clips = self._preprocess_list(self._all_clips)[first - 1 :: step]

    def __iter__(self) -> GroundingImporter:
        self.report = ImportReport()
        self._samples = self._make_samples()
        return self

    def __len__(self) -> int:
        return len(self._clips)

    def __next__(self) -> fo.Sample:
        return next(self._samples)

    @property
    def has_dataset_info(self) -> bool:
        """False: there is no dataset-level information."""
        return False

    @property
    def has_sample_field_schema(self) -> bool:
        """False: FiftyOne infers the schema from the samples."""
        return False

    @abstractmethod
    def _read_clips(self, records: Any) -> list[Clip | Problem]:
        """The videos ordered by name, with a problem for each record that cannot be read."""

    @abstractmethod
    def _track(self, clip: Clip, query: Query) -> Track:
        """The boxes of a sentence's target; raises `LeftOutError`."""

    def _open(self, clip: Clip) -> tuple[Video, float]:
        """The video file and its frames per annotated frame; raises `LeftOutError`."""
        path = self._files.find(clip.video)
        if path is None:
            raise LeftOutError("missing_video", f"not in {self._files.folder}")
        try:
            video = Video.open(path)
        except VideoError as error:
            raise LeftOutError("unreadable_video", str(error)) from None
        return video, self._compare(clip, video)

    def _place(self, clip: Clip) -> tuple[Video, int, float, dict[str, Any]]:
        """The file to ground, its first frame, its frames per annotated frame, and more fields."""
        video, rate = self._open(clip)
        return video, 0, rate, {}

    def _note(self, kind: str, clip: Clip, message: str, n: int = 1) -> None:
        self.report.problems.append(Problem(kind, clip.video, message, n))

    def _compare(self, clip: Clip, video: Video) -> float:
        """Frames of a file per annotated frame; reports differences between file and annotation."""
        size = (video.width, video.height)
        if size != clip.size:
            self._note("size_differs", clip, f"{size} instead of {clip.size}")
        real = (video.frame_rate, video.frame_count)
        rate = rate_between((clip.frame_rate, clip.frame_count), real)
        if rate != 1:
            text = f"{video.frame_rate:.3f} instead of {clip.frame_rate:.3f} frames per second"
            self._note("rate_differs", clip, text)
        elif abs(video.frame_count - clip.frame_count) > 1:
            text = f"{video.frame_count} instead of {clip.frame_count} frames"
            self._note("length_differs", clip, text)
        return rate

    def _check_pictures(self, clip: Clip, video: Video, n: int) -> None:
        """Reports a video that decodes black; it is imported, as its sentences are published."""
        frames = black_frames(video)
        if frames:
            which = f"frames {', '.join(map(str, frames))} of {video.path.name}"
            text = f"no pixel is brighter than {BLACK} of 255 in {which}"
            self._note("black_video", clip, text, n)

    def _make_samples(self) -> Iterator[fo.Sample]:
        for clip in self._clips:
            if isinstance(clip, Problem):
                self.report.problems.append(clip)
                continue
            try:
                video, offset, rate, fields = self._place(clip)
            except LeftOutError as error:
                self._note(error.kind, clip, str(error), len(clip.queries))
                continue
            tubes = []
            for query in clip.queries:
                try:
                    tubes.append((query, self._tube(clip, query, video, offset, rate)))
                except LeftOutError as error:
                    self._note(error.kind, clip, f"'{query.sentence}': {error}")
            if tubes:
                self._check_pictures(clip, video, len(tubes))
                self.report.samples += 1
                self.report.sentences += len(tubes)
                yield make_sample(video, tubes, fields)

    def _tube(self, clip: Clip, query: Query, video: Video, offset: int, rate: float) -> TrueTube:
        track = self._track(clip, query)
        tube = fit_tube(track, query.event, clip.size, video.frame_count, offset, rate)
        if tube.begin >= tube.end:
            first, last = query.event[0] + 1, query.event[1]
            text = f"frames {first} to {last}, of {video.frame_count} from {offset + 1} on"
            raise LeftOutError("no_event", text)
        if not len(tube.frames):
            raise LeftOutError("no_boxes", "; ".join(text for _, text in tube.remarks) or "none")
        for kind, text in tube.remarks:
            self._note(kind, clip, f"'{query.sentence}': {text}")
        return tube
