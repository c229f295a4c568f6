"""The shots of a video: where it cuts from one camera to another (PySceneDetect)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from .video import Image, Video

WIDTH = 128
"""Pixels to which frames are shrunk: cuts show at any size."""
SHORTEST = 5
"""Frames of the shortest shot."""


class CutFinder:
    """Finds the cuts of a video whose frames are shown to it one after another.

    A cut is a change that stands out from the changes around it, so that camera motion is none.

    Args:
        video: the file whose frames will be shown, all of them.

    Attributes:
        cuts: 0-based first frame of each shot but the first, as far as the frames were shown.
    """

    def __init__(self, video: Video) -> None:
        self.cuts: list[int] = []
        self._detector = AdaptiveDetector(min_scene_len=SHORTEST)
        self._size = WIDTH, max(1, round(video.height * WIDTH / video.width))
        self._rate = video.frame_rate

    def show(self, number: int, frame: Image) -> None:
        """Looks at a frame (H, W, 3) RGB, `number` counted from 0."""
        small = cv2.cvtColor(cv2.resize(frame, self._size), cv2.COLOR_RGB2BGR)
        found = self._detector.process_frame(FrameTimecode(number, self._rate), small)
        self.cuts += [int(cut.frame_num) for cut in found]


def shot_numbers(sampled: NDArray[np.int64], cuts: list[int]) -> NDArray[np.int64]:
    """(T,) number of the shot of each sampled frame, ascending from 0 without gaps.

    Example:
        >>> shot_numbers(np.array([0, 5, 10, 15]), cuts=[6, 8]).tolist()
        [0, 0, 1, 1]
    """
    return np.unique(np.searchsorted(cuts, sampled, side="right"), return_inverse=True)[1]
