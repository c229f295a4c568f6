"""What one pass over a video tells before anything is encoded: its boxes and its cuts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from .ahead import ahead
from .boxes import Boxes
from .cache import Cache
from .candidates import CHUNK, Detector, detect
from .config import E3MConfig
from .digest import digest
from .shots import RULE, CutFinder
from .video import Image, TruncatedVideoError, Video

TOLERATED_LOSS = 0.1
"""Share of frames that may be missing at the end of a video; more is a damaged file."""
CHUNKS_AHEAD = 2
"""Chunks of frames that are decoded while the detector looks at one."""

BoxSource = Detector | Callable[[Video, NDArray[np.int64]], list[Boxes]]
"""A detector, or a function that gives the raw boxes of the sampled frames of a video."""


_LOOKING = Lock()
"""Held while a detector works, as the next video may be surveyed while this one is looked at again;
models are not made for two threads at once."""


class CancelledError(Exception):
    """Nobody waits for the result any more."""


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
        seen = _look(video, sampled, boxes, config.shots, cache, overlap, cancelled)
        survey = cls(video, sampled, seen.detections, seen.cuts, boxes)
        return survey.until(seen.error) if seen.error else survey

    def closer(
        self, first: int, last: int, config: E3MConfig, cache: Cache | None, overlap: bool
    ) -> Survey:
        """The same of a part of the video, its frames `first` to `last`, sampled anew.

        Raises:
            VideoError: the video cannot be decoded, or more than a tenth of it is missing.
        """
        sampled = self.video.sample(config.sample_fps, config.max_frames, first, last)
        seen = _look(self.video, sampled, self.boxes, False, cache, overlap)
        near = replace(self, sampled=sampled, detections=seen.detections, notes=())
        return near.until(seen.error) if seen.error else near

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


@dataclass(frozen=True)
class _Seen:
    """What was seen in a pass: boxes of a detector, cuts, and why it ended early, if it did."""

    detections: list[Boxes]
    cuts: list[int]
    error: TruncatedVideoError | None = None


def _look(
    video: Video,
    sampled: NDArray[np.int64],
    boxes: BoxSource,
    shots: bool,
    cache: Cache | None,
    overlap: bool,
    cancelled: Callable[[], bool] = lambda: False,
) -> _Seen:
    """Boxes of the sampled frames, and cuts if `shots` are wanted."""
    detector = boxes if isinstance(boxes, Detector) else None
    key = _key(video, sampled, detector, shots) if cache else None
    seen = _recall(cache, key)
    if seen is None:
        reel = _Reel(video, sampled, detector, CutFinder() if shots else None, cancelled)
        with _LOOKING if detector else nullcontext():
            seen = reel.watch(overlap)
        _keep(cache, key, seen)
    return seen if isinstance(boxes, Detector) else replace(seen, detections=boxes(video, sampled))


@dataclass
class _Reel:
    """A pass over a video; whoever looks for cuts is shown all frames, a detector the sampled."""

    video: Video
    sampled: NDArray[np.int64]
    detector: Detector | None
    finder: CutFinder | None
    cancelled: Callable[[], bool]
    error: TruncatedVideoError | None = field(default=None, init=False)

    def watch(self, overlap: bool) -> _Seen:
        detections: list[Boxes] = []
        if self.detector:
            with closing(ahead(self._chunks(), CHUNKS_AHEAD * overlap)) as chunks:
                detections = detect(chunks, self.detector)
        elif self.finder:
            deque(self._frames(), maxlen=0)
        return _Seen(detections, self.finder.cuts if self.finder else [], self.error)

    def _chunks(self) -> Iterator[list[Image]]:
        """The sampled frames, a few at a time."""
        frames = self._frames()
        while chunk := list(islice(frames, CHUNK)):
            yield chunk

    def _frames(self) -> Iterator[Image]:
        """The sampled frames."""
        numbers = np.arange(self.video.frame_count) if self.finder else self.sampled
        sampled = np.isin(numbers, self.sampled)
        try:
            for i, frame in self.video.read(numbers):
                if self.cancelled():
                    raise CancelledError
                if self.finder:
                    self.finder.show(frame)
                if sampled[i]:
                    yield frame
        except TruncatedVideoError as error:
            self.error = error


Key = tuple[str, str]


def _key(
    video: Video, sampled: NDArray[np.int64], detector: Detector | None, shots: bool
) -> Key | None:
    """Where the cache keeps what is seen; None if nothing is, or by a detector without a name."""
    fingerprint = getattr(detector, "fingerprint", None)
    if fingerprint is None and (detector is not None or not shots):
        return None
    finder = RULE if shots else None
    return digest("survey", video.fingerprint), digest(sampled, fingerprint, finder)


def _recall(cache: Cache | None, key: Key | None) -> _Seen | None:
    entry = cache.get(*key) if cache and key else None
    if entry is None:
        return None
    xyxy, scores, labels = entry["xyxy"], entry["scores"], entry["labels"].tolist()
    ends = np.cumsum(entry["counts"])
    rows = [slice(end - n, end) for n, end in zip(entry["counts"], ends, strict=True)]
    detections = [Boxes.of(xyxy[row], scores[row], labels[row]) for row in rows]
    return _Seen(detections, entry["cuts"].tolist())


def _keep(cache: Cache | None, key: Key | None, seen: _Seen) -> None:
    """Keeps what a full pass saw; what is missing in a file may still be on its way."""
    if cache is None or key is None or seen.error:
        return
    boxes = seen.detections
    entry = {
        "counts": np.array([len(frame) for frame in boxes], int),
        "xyxy": np.concatenate([np.zeros((0, 4), np.float32), *(f.xyxy for f in boxes)]),
        "scores": np.concatenate([np.zeros(0, np.float32), *(f.scores for f in boxes)]),
        "labels": np.array([label for frame in boxes for label in frame.labels], str),
        "cuts": np.array(seen.cuts, int),
    }
    cache.put(*key, entry)
