"""The shots of a video: where it cuts from one camera to another (PySceneDetect)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from .video import Video

WIDTH = 256
"""Pixels to which frames are shrunk: cuts show at any size."""
SHORTEST = 5
"""Frames of the shortest shot."""


def find_cuts(video: Video) -> list[int]:
    """The 0-based first frame of each shot but the first.

    A cut is a change that stands out from the changes around it, so that camera motion is none.
    Every frame of the video is decoded.

    Raises:
        TruncatedVideoError: the video ends before the frames it announces.
    """
    detector = AdaptiveDetector(min_scene_len=SHORTEST)
    size = WIDTH, max(1, round(video.height * WIDTH / video.width))
    cuts: list[int] = []
    for number, frame in video.read(np.arange(video.frame_count)):
        small = cv2.cvtColor(cv2.resize(frame, size), cv2.COLOR_RGB2BGR)
        found = detector.process_frame(FrameTimecode(number, video.frame_rate), small)
        cuts += [int(cut.frame_num) for cut in found]
    return cuts


def shot_numbers(sampled: NDArray[np.int64], cuts: list[int]) -> NDArray[np.int64]:
    """(T,) number of the shot of each sampled frame, ascending from 0 without gaps.

    Example:
        >>> shot_numbers(np.array([0, 5, 10, 15]), cuts=[6, 8]).tolist()
        [0, 0, 1, 1]
    """
    return np.unique(np.searchsorted(cuts, sampled, side="right"), return_inverse=True)[1]
