"""Boxes for the new frames of an extended event: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..boxes import corners, iou_matrix

SAME_OBJECT = 0.3
"""Lowest IoU at which a box continues the adjacent one; SORT's, as in `E3MConfig.iou_gate`."""


def extend(
    known: Mapping[int, NDArray[np.float64]],
    candidates: Mapping[int, NDArray[np.float64]],
    first: int,
    last: int,
) -> dict[int, tuple[NDArray[np.float64], bool]]:
    """Extends a tube outward from its ends, and forward into its gaps, frame by frame.

    A frame takes the candidate with the highest IoU with the box of the previous frame (before the
    start of the tube: of the next frame), if that IoU is at least `SAME_OBJECT`. Otherwise it
    repeats that box.

    Args:
        known: box (4,) by frame, ``[x, y, w, h]`` in any unit.
        candidates: boxes (N, 4) to choose from, by frame, in the same format and unit.
        first: first frame to fill.
        last: last frame to fill, inclusive.

    Returns:
        For every frame without a box from `first` to `last`: its box (4,), and whether it is a
        candidate. Empty if `known` is.
    """
    if not known:
        return {}
    start = min(known)
    filled = _walk(range(start, first - 1, -1), known, candidates)
    filled |= _walk(range(start, last + 1), known, candidates)
    return {frame: filled[frame] for frame in sorted(filled) if first <= frame <= last}


def _walk(
    frames: Iterable[int],
    known: Mapping[int, NDArray[np.float64]],
    candidates: Mapping[int, NDArray[np.float64]],
) -> dict[int, tuple[NDArray[np.float64], bool]]:
    """Boxes for the frames without one; the first frame must have a box."""
    filled = {}
    box = np.empty(4)
    for frame in frames:
        if frame in known:
            box = known[frame]
            continue
        options = candidates.get(frame, np.empty((0, 4)))
        iou = iou_matrix(corners(box[None]), corners(options))[0]
        is_candidate = bool(len(iou)) and bool(iou.max() >= SAME_OBJECT)
        box = options[iou.argmax()] if is_candidate else box
        filled[frame] = box, is_candidate
    return filled
