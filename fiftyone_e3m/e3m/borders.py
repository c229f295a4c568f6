"""Our additions: refine the ends of an event after its atomic events have been selected.

* `refine`, with `contrast`: clusters end where appearance changes, not where relevance does.
* `trim_partial`: an object that is half hidden by the frame's edge has not entered yet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats
from .linking import NO_PICK
from .tracks import Tracks

VISIBLE = 0.5
"""Least share of an object's usual width and height that must be in view."""
TOUCH = 2.0
"""Distance in pixels from the frame's edge up to which a box touches it."""


def refine(
    first: int, last: int, relevance: Floats, shot: NDArray[np.int64], beta: float
) -> tuple[int, int]:
    """Moves both ends to where the relevance crosses `beta` times the event's mean.

    An end moves inwards past frames below this threshold, or else outwards over frames above it,
    within the shot. An end at a cut or at an end of the video stays, as no threshold is as sharp.

    Args:
        first: first sampled frame of the event.
        last: its last sampled frame, inclusive.
        relevance: (T,) relevance of the frames, 0..1.
        shot: (T,) shot number of each frame.
        beta: 0..1.

    Example:
        >>> relevance = np.array([0.1, 0.8, 0.9, 1.0, 0.2, 0.1])
        >>> refine(2, 4, relevance, np.zeros(6, int), beta=0.8)
        (1, 3)
    """
    belongs = relevance > beta * relevance[first : last + 1].mean()
    inside = first + np.flatnonzero(belongs[first : last + 1])
    if len(inside) == 0:
        return first, last
    start, end = int(inside[0]), int(inside[-1])
    if first == 0 or shot[first - 1] != shot[first]:
        start = first
    if last == len(shot) - 1 or shot[last + 1] != shot[last]:
        end = last
    while start == first > 0 and belongs[first - 1] and shot[first - 1] == shot[first]:
        first = start = first - 1
    while end == last < len(shot) - 1 and belongs[last + 1] and shot[last + 1] == shot[last]:
        last = end = last + 1
    return start, end


def trim_partial(
    first: int, last: int, picks: NDArray[np.int64], tracks: Tracks, size: tuple[int, int]
) -> tuple[int, int]:
    """Drops frames at both ends of an event where the frame's edge hides most of the picked object.

    An object is mostly hidden where its box touches the edge and is less than half as wide or high
    as usual within the event.

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
    in_view = where[~(touches & (extent < VISIBLE * usual)).any(axis=1)]
    if len(in_view) == 0:
        return first, last
    start = first if in_view[0] == where[0] else int(in_view[0])
    end = last if in_view[-1] == where[-1] else int(in_view[-1])
    return start, end
