"""One pass over a file: the cut finder is shown all frames, the detector the sampled ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from ..prefetch import ahead
from ..video import CutFinder, Image, TruncatedVideoError, Video
from .base import CHUNK, Detector, detect

CHUNKS_AHEAD = 2
"""Chunks of frames that are decoded while the detector looks at one."""

_LOOKING = Lock()
"""Held while a detector runs: the next video may be surveyed while `zoom` samples this one again,
and models are not made for two threads at once."""


class CancelledError(Exception):
    """The caller no longer needs the result."""


@dataclass
class Reel:
    """A pass over a video.

    Attributes:
        video: the file.
        sampled: (T,) 0-based numbers of the frames that the detector is shown.
        detector: finds boxes; None if they are not needed.
        finder: finds cuts; None if they are not needed.
        cancelled: called at every frame: whether to stop.
        error: why the pass ended early, if it did.
        lost: 0-based numbers of the pictures that could not be decoded.
        doubtful: 0-based numbers of those that may look wrong.
    """

    video: Video
    sampled: NDArray[np.int64]
    detector: Detector | None
    finder: CutFinder | None
    cancelled: Callable[[], bool] = lambda: False
    error: TruncatedVideoError | None = field(default=None, init=False)
    lost: list[int] = field(default_factory=list, init=False)
    doubtful: list[int] = field(default_factory=list, init=False)

    def watch(self, overlap: bool) -> tuple[list[Boxes], list[int]]:
        """Decodes the frames once, or not at all if neither boxes nor cuts are needed.

        Args:
            overlap: decode in a thread while the detector works; the result is the same.

        Returns:
            Boxes of the sampled frames, and cuts; if there is an `error`, up to the frame where
            decoding stopped.

        Raises:
            VideoError: the video cannot be opened.
            DetectorError: the detector did not return one result per frame.
            CancelledError: `cancelled` returned True.
        """
        detections: list[Boxes] = []
        with _LOOKING if self.detector else nullcontext():
            if self.detector:
                with closing(ahead(self._chunks(), CHUNKS_AHEAD * overlap)) as chunks:
                    detections = detect(chunks, self.detector)
            elif self.finder:
                deque(self._frames(), maxlen=0)
        return detections, self.finder.cuts if self.finder else []

    def _chunks(self) -> Iterator[list[Image]]:
        """The sampled frames, in chunks."""
        frames = self._frames()
        while chunk := list(islice(frames, CHUNK)):
            yield chunk

    def _frames(self) -> Iterator[Image]:
        """The sampled frames; shows the finder all frames on the way."""
        numbers = np.arange(self.video.frame_count) if self.finder else self.sampled
        sampled = np.isin(numbers, self.sampled)
        with closing(self.video.read(numbers)) as reading:
            self.lost, self.doubtful = reading.lost, reading.doubtful
            try:
                for i, frame in reading:
                    if self.cancelled():
                        raise CancelledError
                    if self.finder:
                        self.finder.show(frame)
                    if sampled[i]:
                        yield frame
            except TruncatedVideoError as error:
                self.error = error
