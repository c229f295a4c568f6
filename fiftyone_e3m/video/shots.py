"""The shots of a video: where it cuts from one view to another (PySceneDetect)."""

from __future__ import annotations

from copy import deepcopy

import cv2
import numpy as np
import scenedetect
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from .file import Image

WIDTH = 128
"""Width in pixels to which frames are shrunk: cuts show at any size."""
REACH = 2
"""Frames on each side whose changes the change at a cut is compared with."""
SHORTEST = 5
"""Fewest frames of a shot."""
RULE = ("scenedetect.AdaptiveDetector", scenedetect.__version__, WIDTH, REACH, SHORTEST)
"""Everything that cuts depend on besides the frames."""

_RATE = 25.0
"""Frame rate given to PySceneDetect, which only counts frames here."""


class CutFinder:
    """Finds the cuts of a video; it must be shown every frame, in order.

    A cut is a change that stands out from the changes around it, so camera motion is not a cut.
    """

    def __init__(self) -> None:
        self._detector = AdaptiveDetector(min_scene_len=SHORTEST, window_width=REACH)
        self._confirmed: list[int] = []
        self._n_shown = 0
        self._last: Image | None = None

    def show(self, frame: Image) -> None:
        """Looks at the next frame (H, W, 3) RGB; the frame size may change within a stream."""
        height, width = (frame if self._last is None else self._last).shape[:2]
        small = cv2.resize(frame, (WIDTH, max(1, round(height * WIDTH / width))))
        self._last = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        self._confirmed += _cuts(self._detector, self._n_shown, self._last)
        self._n_shown += 1

    @property
    def cuts(self) -> list[int]:
        """0-based first frame of each shot but the first, among the frames shown so far.

        PySceneDetect decides about a frame after `REACH` more. To find a cut in the last frames
        too, a copy of the detector is shown the last frame repeatedly.
        """
        if self._last is None:
            return []
        detector, late = deepcopy(self._detector), []
        for number in range(self._n_shown, self._n_shown + REACH):
            late += _cuts(detector, number, self._last)
        return self._confirmed + late


def _cuts(detector: AdaptiveDetector, number: int, frame: Image) -> list[int]:
    """The cuts that a frame (H, W, 3) BGR confirms; its `number` counts from 0."""
    cuts = detector.process_frame(FrameTimecode(number, _RATE), frame)
    return [int(cut.frame_num) for cut in cuts]


def shot_numbers(sampled: NDArray[np.int64], cuts: list[int]) -> NDArray[np.int64]:
    """(T,) shot number of each sampled frame, ascending from 0 without gaps.

    Example:
        >>> shot_numbers(np.array([0, 5, 10, 15]), cuts=[6, 8]).tolist()
        [0, 0, 1, 1]
    """
    return np.unique(np.searchsorted(cuts, sampled, side="right"), return_inverse=True)[1]
