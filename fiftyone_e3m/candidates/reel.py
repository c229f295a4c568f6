"""One pass over a file: whoever looks for cuts is shown all frames, a detector the sampled ones."""

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
"""Held while a detector works, as the next video may be surveyed while this one is looked at again;
models are not made for two threads at once."""


class CancelledError(Exception):
    """Nobody waits for the result any more."""


@dataclass
class Reel:
    """A pass over a video.

    Attributes:
        video: the file.
        sampled: (T,) 0-based numbers of the frames that the detector is shown.
        detector: finds boxes; None if nobody asks for them.
        finder: finds cuts; None if nobody asks for them.
        cancelled: asked at every frame whether to stop.
        error: why it ended early, if it did.
    """

    video: Video
    sampled: NDArray[np.int64]
    detector: Detector | None
    finder: CutFinder | None
    cancelled: Callable[[], bool] = lambda: False
    error: TruncatedVideoError | None = field(default=None, init=False)

    def watch(self, overlap: bool) -> tuple[list[Boxes], list[int]]:
        """Goes over the frames once, or not at all if nobody asks for anything.

        Args:
            overlap: decode in a thread while the detector works; the result is the same.

        Returns:
            Boxes of the sampled frames, and cuts; what comes before `error`, if there is one.

        Raises:
            VideoError: the video cannot be opened.
            DetectorError: the detector returned boxes for another number of frames.
            CancelledError: `cancelled` said so.
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
