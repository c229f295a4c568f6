"""What one pass over a video tells before anything is encoded: its boxes and its cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from ..cache import Arrays, Cache, Key, digest, get_or_make
from ..config import E3MConfig
from ..video import CutFinder, TruncatedVideoError, Video
from ..video.shots import RULE
from .base import Detector
from .reel import Reel

TOLERATED_LOSS = 0.1
"""Share of frames that may be missing at the end of a video; more is a damaged file."""

BoxSource = Detector | Callable[[Video, NDArray[np.int64]], list[Boxes]]
"""A detector, or a function that gives the raw boxes of the sampled frames of a video."""


@dataclass(frozen=True, eq=False)
class Survey:
    """A video before anything is encoded.

    Attributes:
        video: the file, with the frames that can be decoded.
        sampled: (T,) 0-based numbers of the frames to look at.
        detections: T raw boxes.
        cuts: first frame of each shot but the first; none if they were not looked for.
        boxes: where the boxes came from.
        notes: sentences about what was unusual.
    """

    video: Video
    sampled: NDArray[np.int64]
    detections: list[Boxes]
    cuts: list[int]
    boxes: BoxSource
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        video: Video,
        boxes: BoxSource,
        config: E3MConfig,
        cache: Cache | None = None,
        overlap: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Survey:
        """Decodes a video once, or not at all where boxes and cuts are given or remembered.

        Args:
            video: the file.
            boxes: where boxes come from.
            config: uses `sample_fps`, `max_frames` and `shots`.
            cache: remembers cuts and boxes, for detectors with a `fingerprint`.
            overlap: decode in a thread while the detector works; the result is the same.
            cancelled: asked at every frame whether to stop.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing.
            DetectorError: the detector returned boxes for another number of frames.
            CancelledError: `cancelled` said so.
        """
        sampled = video.sample(config.sample_fps, config.max_frames)
        finder = CutFinder() if config.shots else None
        detections, cuts, error = _look(video, sampled, boxes, finder, cache, overlap, cancelled)
        survey = cls(video, sampled, detections, cuts, boxes)
        return survey.until(error) if error else survey

    def closer(
        self, first: int, last: int, config: E3MConfig, cache: Cache | None, overlap: bool
    ) -> Survey:
        """A survey of a part of the video, its frames `first` to `last`, sampled anew.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing.
        """
        sampled = self.video.sample(config.sample_fps, config.max_frames, first, last)
        detections, _, error = _look(self.video, sampled, self.boxes, None, cache, overlap)
        near = replace(self, sampled=sampled, detections=detections, notes=())
        return near.until(error) if error else near

    def until(self, error: TruncatedVideoError) -> Survey:
        """The same without the frames that turned out to be missing.

        Raises:
            TruncatedVideoError: `error`, if too many are missing.
        """
        if error.decoded < (1 - TOLERATED_LOSS) * self.video.frame_count:
            raise error
        n = int(np.searchsorted(self.sampled, error.decoded))
        return replace(
            self,
            video=replace(self.video, frame_count=error.decoded),
            sampled=self.sampled[:n],
            detections=self.detections[:n],
            cuts=[cut for cut in self.cuts if cut < error.decoded],
            notes=(*self.notes, f"{error} The frames that are there were used."),
        )


def sampling_rate(video: Video, sampled: NDArray[np.int64], config: E3MConfig) -> float:
    """Sampled frames per second, after rounding and thinning."""
    if len(sampled) < 2:
        return config.sample_fps
    return (len(sampled) - 1) / (sampled[-1] - sampled[0]) * video.frame_rate


def _look(
    video: Video,
    sampled: NDArray[np.int64],
    boxes: BoxSource,
    finder: CutFinder | None,
    cache: Cache | None,
    overlap: bool,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[list[Boxes], list[int], TruncatedVideoError | None]:
    """Boxes of the sampled frames, cuts if there is a finder, and why it ended early, if it did."""
    detector = boxes if isinstance(boxes, Detector) else None
    reel = Reel(video, sampled, detector, finder, cancelled)
    entry = get_or_make(
        cache,
        _key(video, sampled, detector, finder) if cache else None,
        lambda: _packed(*reel.watch(overlap)),
        worth_keeping=lambda: reel.error is None,  # what is missing may still be on its way
    )
    found, cuts = _unpacked(entry)
    detections = found if isinstance(boxes, Detector) else boxes(video, sampled)
    return detections, cuts, reel.error


def _key(
    video: Video,
    sampled: NDArray[np.int64],
    detector: Detector | None,
    finder: CutFinder | None,
) -> Key | None:
    """Where the cache keeps what is seen; None if nothing is, or by a detector without a name."""
    fingerprint = getattr(detector, "fingerprint", None)
    if fingerprint is None and (detector is not None or finder is None):
        return None
    rule = RULE if finder else None
    return Key(digest("survey", video.fingerprint), digest(sampled, fingerprint, rule))


def _packed(detections: list[Boxes], cuts: list[int]) -> Arrays:
    return {
        "counts": np.array([len(frame) for frame in detections], int),
        "xyxy": np.concatenate([np.zeros((0, 4), np.float32), *(f.xyxy for f in detections)]),
        "scores": np.concatenate([np.zeros(0, np.float32), *(f.scores for f in detections)]),
        "labels": np.array([label for frame in detections for label in frame.labels], str),
        "cuts": np.array(cuts, int),
    }


def _unpacked(entry: Arrays) -> tuple[list[Boxes], list[int]]:
    xyxy, scores, labels = entry["xyxy"], entry["scores"], entry["labels"].tolist()
    ends = np.cumsum(entry["counts"])
    rows = [slice(end - n, end) for n, end in zip(entry["counts"], ends, strict=True)]
    detections = [Boxes.of(xyxy[row], scores[row], labels[row]) for row in rows]
    return detections, entry["cuts"].tolist()
