"""Where exactly an event begins and ends, once its atomic events are chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .linking import NO_PICK
from .tracks import Tracks

VISIBLE = 0.5
"""Share of an object's usual width or height that must be in view."""
TOUCH = 2.0
"""Pixels from the frame's edge within which a box touches it."""


def trim_partial(
    first: int, last: int, picks: NDArray[np.int64], tracks: Tracks, size: tuple[int, int]
) -> tuple[int, int]:
    """Drops frames at both ends in which the frame's edge hides most of the picked object.

    An object is mostly hidden where its box touches the edge and is less than half as wide or high
    as it usually is within the event.

    Args:
        first: first sampled frame of the event.
        last: its last sampled frame, inclusive.
        picks: (T,) picked track in each frame, -1 for none.
        tracks: the tracks.
        size: width and height of a frame in pixels.
    """
    where = first + np.flatnonzero(picks[first : last + 1] != NO_PICK)
    if len(where) < 3:
        return first, last
    box = tracks.box[picks[where], where]
    extent = box[:, 2:] - box[:, :2]
    touches = (box[:, :2] <= TOUCH) | (box[:, 2:] >= np.array(size) - TOUCH)
    whole = ~touches.any(axis=1)
    if whole.sum() >= 2:
        usual = np.median(extent[whole], axis=0)
    else:
        usual = np.quantile(extent, 0.75, axis=0)
    seen = where[~(touches & (extent < VISIBLE * usual)).any(axis=1)]
    if len(seen) == 0:
        return first, last
    start = first if seen[0] == where[0] else int(seen[0])
    end = last if seen[-1] == where[-1] else int(seen[-1])
    return start, end
