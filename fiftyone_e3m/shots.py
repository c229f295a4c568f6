"""The shots of a video: where it cuts from one camera to another.

The rule and its constants are those of PySceneDetect's adaptive detector. It is written here anew
since every frame of a video is looked at: .1 ms for each one would be more than all of E3M takes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .video import Image

WIDTH = 64
"""Pixels to which frames are shrunk: cuts show at any size."""
CHANGE = 15.0
"""Least change of a cut: mean absolute difference of hue, saturation and value, 0..255."""
RATIO = 3.0
"""How much more than around it changes at a cut, at least."""
REACH = 2
"""Changes to each side that one is compared with."""
SHORTEST = 5
"""Frames of the shortest shot."""
RULE = (WIDTH, CHANGE, RATIO, REACH, SHORTEST)
"""All that cuts depend on but the frames."""


class CutFinder:
    """Finds the cuts of a video whose frames are shown to it one after another, all of them.

    A cut is a change that stands out from the changes around it, so that camera motion is none.
    """

    def __init__(self) -> None:
        self._changes: list[float] = []
        self._last: Image | None = None

    def show(self, frame: Image) -> None:
        """Looks at the next frame (H, W, 3) RGB; a stream may change its size on the way."""
        height, width = (frame if self._last is None else self._last).shape[:2]
        small = cv2.resize(frame, (WIDTH, max(1, round(height * WIDTH / width))))
        small = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
        if self._last is not None:
            self._changes.append(cv2.norm(small, self._last, cv2.NORM_L1) / small.size)
        self._last = small

    @property
    def cuts(self) -> list[int]:
        """0-based first frame of each shot but the first, as far as the frames were shown."""
        return cuts_of(np.array(self._changes))


def cuts_of(changes: NDArray[np.floating]) -> list[int]:
    """Where changes stand out.

    Args:
        changes: (N - 1,) how much each frame differs from the one before it; the first has none.

    Example:
        >>> cuts_of(np.array([1, 1, 1, 2, 1, 40, 1, 2, 1]))
        [6]
        >>> cuts_of(np.array([30, 20, 30, 40, 30, 50, 30, 20, 40]))  # everything moves
        []
    """
    if len(changes) < 2:
        return []
    padded = np.pad(changes.astype(float), REACH, constant_values=np.nan)
    around = np.delete(sliding_window_view(padded, 2 * REACH + 1), REACH, axis=1)
    stands_out = (changes >= CHANGE) & (changes >= RATIO * np.nanmean(around, axis=1))
    cuts = [0]
    for frame in (1 + np.flatnonzero(stands_out)).tolist():
        if frame - cuts[-1] >= SHORTEST:
            cuts.append(frame)
    return cuts[1:]


def shot_numbers(sampled: NDArray[np.int64], cuts: list[int]) -> NDArray[np.int64]:
    """(T,) number of the shot of each sampled frame, ascending from 0 without gaps.

    Example:
        >>> shot_numbers(np.array([0, 5, 10, 15]), cuts=[6, 8]).tolist()
        [0, 0, 1, 1]
    """
    return np.unique(np.searchsorted(cuts, sampled, side="right"), return_inverse=True)[1]
