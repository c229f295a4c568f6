"""The shots of a video: where it cuts from one camera to another (PySceneDetect)."""

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
"""Pixels to which frames are shrunk: cuts show at any size."""
REACH = 2
"""Frames to each side with which the change at a cut is compared."""
SHORTEST = 5
"""Frames of the shortest shot."""
RULE = ("scenedetect.AdaptiveDetector", scenedetect.__version__, WIDTH, REACH, SHORTEST)
"""All that cuts depend on besides the frames."""

_RATE = 25.0
"""Frames per second that PySceneDetect is told; it only counts frames here."""


class CutFinder:
    """Finds the cuts of a video whose frames are shown to it one after another, all of them.

    A cut is a change that stands out from the changes around it, so camera motion makes none.
    """

    def __init__(self) -> None:
        self._detector = AdaptiveDetector(min_scene_len=SHORTEST, window_width=REACH)
        self._found: list[int] = []
        self._n_shown = 0
        self._last: Image | None = None

    def show(self, frame: Image) -> None:
        """Looks at the next frame (H, W, 3) RGB; a stream may change its size on the way."""
        height, width = (frame if self._last is None else self._last).shape[:2]
        small = cv2.resize(frame, (WIDTH, max(1, round(height * WIDTH / width))))
        self._last = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        self._found += _cuts(self._detector, self._n_shown, self._last)
        self._n_shown += 1

    @property
    def cuts(self) -> list[int]:
        """0-based first frame of each shot but the first, as far as the frames were shown.

        PySceneDetect decides about a frame once it has seen `REACH` more. So that a cut in the
        last frames is found too, a copy of it is shown the last frame again.
        """
        if self._last is None:
            return []
        detector, late = deepcopy(self._detector), []
        for number in range(self._n_shown, self._n_shown + REACH):
            late += _cuts(detector, number, self._last)
        return self._found + late


def _cuts(detector: AdaptiveDetector, number: int, frame: Image) -> list[int]:
    """The cuts that become certain with a frame (H, W, 3) BGR, `number` counted from 0."""
    found = detector.process_frame(FrameTimecode(number, _RATE), frame)
    return [int(cut.frame_num) for cut in found]


def shot_numbers(sampled: NDArray[np.int64], cuts: list[int]) -> NDArray[np.int64]:
    """(T,) number of the shot of each sampled frame, ascending from 0 without gaps.

    Example:
        >>> shot_numbers(np.array([0, 5, 10, 15]), cuts=[6, 8]).tolist()
        [0, 0, 1, 1]
    """
    return np.unique(np.searchsorted(cuts, sampled, side="right"), return_inverse=True)[1]
