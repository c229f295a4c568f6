"""Our addition `pace_weight`: whether an object moves or stays, where the sentence says so.

Single pictures of somebody who walks and of somebody who stands are much alike to an image-text
encoder. The boxes of a track tell them apart, frame by frame: so they say which object is meant,
and, if it is in view for longer than the event, when. The camera's own motion is taken off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats, steps

REACH = 0.35
"""Seconds before and after a frame from which its pace is measured: a step of somebody who walks,
in all. At fewer sampled frames per second it is the frames next to it, but none over `FAR`."""
FAR = 1.0
SLOW = 0.3
"""Pace between staying and moving: boxes of things at rest tremble at a tenth of it, and people who
walk across the picture are several times as fast."""


def pace(box: Floats, frame: NDArray[np.int64], fps: float, camera: Floats | None = None) -> Floats:
    """How fast a track moves or grows.

    What is measured is what both sides of a box have in common: an arm that is stretched out moves
    one of them, a person who walks moves both.

    Args:
        box: (L, 4) boxes of the track in time order, xyxy in pixels.
        frame: (L,) their sampled frames.
        fps: sampled frames per second.
        camera: (T, 2, 3) the camera's motion, see `Evidence`; None if it stands still.

    Returns:
        (L,) in sides of the box per second, a side being the square root of its area; NaN where
        the track is not seen around the frame, or the camera's motion is not known.

    Example:
        >>> box = np.array([[x, 0, x + 20, 20] for x in (0, 4, 8, 8, 8, 8, 8)], float)
        >>> pace(box, np.arange(7), fps=5).round(2).tolist()
        [1.0, 0.67, 0.5, 0.25, 0.0, 0.0, 0.0]
    """
    reach = steps(REACH, fps) if fps * FAR >= 1 else 0
    start = np.searchsorted(frame, frame - reach)
    end = np.searchsorted(frame, frame + reach, side="right") - 1
    centre, extent = (box[:, :2] + box[:, 2:]) / 2, box[:, 2:] - box[:, :2]
    expected, zoom = _carried(centre[start], frame[start], frame[end], camera)
    half = extent[start] * zoom[:, None] / 2
    moved = _common(box[end, :2] - expected + half, box[end, 2:] - expected - half)
    side = np.sqrt(np.prod(extent, axis=1))
    grown = _common(*np.log(extent[end] / extent[start] / zoom[:, None]).T)
    far = np.hypot(np.linalg.norm(moved, axis=1) / np.sqrt(side[start] * side[end]), grown)
    time = (frame[end] - frame[start]) / fps
    return np.divide(far, time, out=np.full(len(box), np.nan), where=time > 0)


def agreement(moves: int, pace: Floats) -> Floats:
    """How well a pace agrees with what a sentence says.

    Args:
        moves: 1 if the sentence says that the subject moves, -1 if it says that it stays, else 0.
        pace: (N,) see `pace`.

    Returns:
        (N,) from -1, the opposite, to 1; 0 where the pace is `SLOW` or not known.

    Example:
        >>> agreement(-1, np.array([0.03, 0.3, 3, np.nan])).round(2).tolist()
        [0.98, 0.0, -0.98, 0.0]
    """
    squared = (pace / SLOW) ** 2
    return np.nan_to_num(moves * (squared - 1) / (squared + 1)) + 0.0  # no -0.0


def _carried(
    point: Floats, start: NDArray[np.int64], end: NDArray[np.int64], camera: Floats | None
) -> tuple[Floats, Floats]:
    """Where the camera's motion carries points (L, 2), and its zoom (L,)."""
    zoom = np.ones(len(point))
    if camera is None:
        return point, zoom
    for step in range(int((end - start).max(initial=0))):
        on = np.flatnonzero(start + step < end)
        motion = camera[start[on] + step + 1]
        point[on] = np.einsum("lij,lj->li", motion[:, :, :2], point[on]) + motion[:, :, 2]
        zoom[on] *= np.hypot(motion[:, 0, 0], motion[:, 1, 0])
    return point, zoom


def _common(a: Floats, b: Floats) -> Floats:
    """The smaller of two changes; 0 where they are opposite."""
    smaller = np.where(np.abs(a) < np.abs(b), a, b)
    return np.where(a * b < 0, 0.0, smaller)
