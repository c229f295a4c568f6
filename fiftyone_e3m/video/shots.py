"""The shots of a video: where it cuts from one view to another (PySceneDetect)."""

from __future__ import annotations

from collections import deque
from copy import deepcopy

import cv2
import numpy as np
import scenedetect
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from . import views
from .container import Image

WIDTH = 128
"""Width in pixels to which frames are shrunk: cuts show at any size."""
REACH = 2
"""Frames on each side whose changes the change at a cut is compared with."""
SHORTEST = 5
"""Fewest frames of a shot."""
RULE = (
    *("scenedetect.AdaptiveDetector", scenedetect.__version__, WIDTH, REACH, SHORTEST),
    *(views.GLANCE, views.SAME, views.OTHER, views.SPANS, views.PURE, views.HALF, views.VISIBLE),
)
"""Everything that cuts depend on besides the frames."""

_RATE = 25.0
"""Frame rate given to PySceneDetect, which only counts frames here."""


class CutFinder:
    """Finds the cuts of a video; it must be shown every frame, in order.

    A cut is a change that stands out from the changes around it, so camera motion is not a cut, and
    after which the view is another one, so flicker is not. A slow dissolve is cut in its middle.
    """

    def __init__(self) -> None:
        self._detector = AdaptiveDetector(min_scene_len=SHORTEST, window_width=REACH)
        self._confirmed: list[int] = []
        self._n_shown = 0
        self._last: Image | None = None
        self._glances: deque[views.Glance] = deque(maxlen=2 * REACH + 1)
        self._dissolves = views.DissolveFinder()

    def show(self, frame: Image) -> None:
        """Looks at the next frame (H, W, 3) RGB; the frame size may change within a stream."""
        height, width = (frame if self._last is None else self._last).shape[:2]
        small = cv2.resize(frame, (WIDTH, max(1, round(height * WIDTH / width))))
        self._last = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        self._glances.append(views.glance(small))
        self._dissolves.show(self._glances[-1])
        cuts = _cuts(self._detector, self._n_shown, self._last)
        self._n_shown += 1
        self._confirmed += [cut for cut in cuts if not self._flickers(cut)]

    def _flickers(self, cut: int) -> bool:
        """Whether the view is the same before and after what looks like a cut."""
        before = cut - REACH - self._n_shown + len(self._glances)
        return views.same_view(self._glances[max(before, 0)], self._glances[-1])

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
        cuts = self._confirmed + [cut for cut in late if not self._flickers(cut)]
        return sorted(cuts + self._dissolves.apart_from(cuts))


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


def unsampled_shots(
    sampled: NDArray[np.int64], cuts: list[int], first: int, last: int
) -> NDArray[np.int64]:
    """Middle frames of the shots between two sampled frames, the longest shots first.

    Args:
        sampled: (T,) 0-based numbers of the sampled frames.
        cuts: first frame of each shot but the first.
        first: first frame to look at.
        last: last frame to look at.

    Example:
        >>> unsampled_shots(np.array([0, 10, 20]), cuts=[2, 8, 21, 28], first=0, last=29).tolist()
        [24, 4, 28]
    """
    borders = np.array([first, *(cut for cut in cuts if first < cut <= last), last + 1])
    begins, ends = borders[:-1], borders[1:]
    seen = np.searchsorted(sampled, begins) < np.searchsorted(sampled, ends)
    longest = np.argsort(begins[~seen] - ends[~seen], kind="stable")
    return ((begins + ends - 1) // 2)[~seen][longest]
