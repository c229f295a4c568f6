"""Boxes for frames that an event gains: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..boxes import corners, iou_matrix

SAME_OBJECT = 0.3
"""Lowest IoU at which a box continues that of the frame before; SORT's, as `E3MConfig.iou_gate`."""


def extend(
    known: Mapping[int, NDArray[np.float64]],
    candidates: Mapping[int, NDArray[np.float64]],
    first: int,
    last: int,
) -> dict[int, tuple[NDArray[np.float64], bool]]:
    """Follows a tube outward from its ends, and forward into its gaps, frame by frame.

    A frame takes the candidate with the highest IoU with the box of the frame before (behind the
    start of the tube: of the frame after), if that is at least `SAME_OBJECT`; else it repeats that
    box.

    Args:
        known: box (4,) of every frame that has one, ``[x, y, w, h]`` in any unit.
        candidates: boxes (N, 4) to choose from, by frame, in the same format and unit.
        first: first frame to fill.
        last: last frame to fill, inclusive.

    Returns:
        For every frame without a box from `first` to `last`: its box (4,), and whether it is a
        candidate. Nothing if no box is known.
    """
    if not known:
        return {}
    start = min(known)
    found = _walk(range(start, first - 1, -1), known, candidates)
    found |= _walk(range(start, last + 1), known, candidates)
    return {frame: found[frame] for frame in sorted(found) if first <= frame <= last}


def _walk(
    frames: Iterable[int],
    known: Mapping[int, NDArray[np.float64]],
    candidates: Mapping[int, NDArray[np.float64]],
) -> dict[int, tuple[NDArray[np.float64], bool]]:
    """Boxes of the frames without one; the first frame has one."""
    found = {}
    box = np.empty(4)
    for frame in frames:
        if frame in known:
            box = known[frame]
            continue
        options = candidates.get(frame, np.empty((0, 4)))
        iou = iou_matrix(corners(box[None]), corners(options))[0]
        seen = bool(len(iou)) and bool(iou.max() >= SAME_OBJECT)
        box = options[iou.argmax()] if seen else box
        found[frame] = box, seen
    return found
