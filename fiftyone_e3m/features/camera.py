"""The camera's motion between sampled frames, from points of the background."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ..e3m import Tracks
from ..video import Image

SIDE = 160
"""Longer side in pixels to which frames are shrunk: the motion shows at any size."""
POINTS, FEWEST = 100, 8
"""Most corners that are followed, and fewest that must move alike."""
APART = 2.5
"""Pixels of the shrunk frame between corners."""
SHARE = 0.3
"""Least share of the corners that must move alike: else things move that are no background."""
NEAR = 0.75
"""Pixels of the shrunk frame within which corners move alike."""


@dataclass(eq=False)
class Camera:
    """Collects the camera's motion while a video is read.

    Corners outside all boxes are followed from frame to frame (Lucas and Kanade), and a motion with
    one zoom and one turn for all is fitted to most of them (RANSAC), as trackers such as BoT-SORT
    do.

    Attributes:
        tracks: the tracks, whose regions are no background.
        motion: (T, 2, 3) affine map of points of the frame before to those of each sampled frame,
            in pixels; NaN where it is not known.
    """

    tracks: Tracks
    motion: NDArray[np.float64]
    _last: tuple[int, NDArray[np.uint8], NDArray[np.float32] | None] | None = field(
        default=None, init=False
    )

    @classmethod
    def of(cls, tracks: Tracks) -> Camera:
        """For the frames of these tracks."""
        return cls(tracks, np.full((tracks.kind.shape[1], 2, 3), np.nan))

    def watch(self, t: int, frame: Image) -> None:
        """Looks at sampled frame `t`; frames ascend."""
        height, width = frame.shape[:2]
        scale = min(1.0, SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(
            cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA
        )
        if self._last and self._last[0] == t - 1 and self._last[1].shape == small.shape:
            self.motion[t] = _motion(self._last[1], small, self._last[2])
            self.motion[t, :, 2] /= scale
        self._last = t, small, self._corners(small, t, scale)

    def _corners(
        self, small: NDArray[np.uint8], t: int, scale: float
    ) -> NDArray[np.float32] | None:
        """(P, 1, 2) corners outside the regions of a frame; None without any."""
        background = np.full_like(small, 255)
        for x1, y1, x2, y2 in self.tracks.box[self.tracks.kind[:, t] != 0, t] * scale:
            background[int(y1) : int(np.ceil(y2)), int(x1) : int(np.ceil(x2))] = 0
        return cv2.goodFeaturesToTrack(small, POINTS, 0.01, APART, mask=background)


def _motion(
    before: NDArray[np.uint8], after: NDArray[np.uint8], corners: NDArray[np.float32] | None
) -> NDArray[np.float64] | float:
    """(2, 3) affine map between two pictures; NaN if it is not known."""
    if corners is None or len(corners) < FEWEST:
        return np.nan
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        before, after, corners, None, winSize=(15, 15), maxLevel=4
    )
    met = status.ravel() == 1
    if met.sum() < FEWEST:
        return np.nan
    motion, alike = cv2.estimateAffinePartial2D(
        corners[met], found[met], method=cv2.RANSAC, ransacReprojThreshold=NEAR
    )
    enough = max(FEWEST, SHARE * met.sum())
    return np.nan if motion is None or alike.sum() < enough else motion
