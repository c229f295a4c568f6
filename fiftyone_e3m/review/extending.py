"""Boxes for the new frames of an extended event: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

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
    cuts: Collection[int] = (),
) -> dict[int, tuple[NDArray[np.float64], bool]]:
    """Extends a tube outward from its ends, and forward into its gaps, frame by frame.

    A frame takes the candidate with the highest IoU with the box of the previous frame (before the
    start of the tube: of the next frame), if that IoU is at least `SAME_OBJECT`. Otherwise it
    repeats that box. Beyond a cut nothing is known of the object, so frames there get no box.

    Args:
        known: box (4,) by frame, ``[x, y, w, h]`` in any unit.
        candidates: boxes (N, 4) to choose from, by frame, in the same format and unit.
        first: first frame to fill.
        last: last frame to fill, inclusive.
        cuts: first frames of shots.

    Returns:
        For every frame without a box from `first` to `last`, in the shots of the tube: its box
        (4,), and whether it is a candidate. Empty if `known` is.
    """
    if not known:
        return {}
    start = min(known)
    before = {cut - 1 for cut in cuts}  # where a cut is met from behind
    filled = _walk(range(start, first - 1, -1), known, candidates, before)
    filled |= _walk(range(start, last + 1), known, candidates, cuts)
    return {frame: filled[frame] for frame in sorted(filled) if first <= frame <= last}


def _walk(
    frames: Iterable[int],
    known: Mapping[int, NDArray[np.float64]],
    candidates: Mapping[int, NDArray[np.float64]],
    cuts: Collection[int],
) -> dict[int, tuple[NDArray[np.float64], bool]]:
    """Boxes for the frames without one; none between a cut and the next known box."""
    filled = {}
    box: NDArray[np.float64] | None = None
    for frame in frames:
        if frame in known:
            box = known[frame]
            continue
        if frame in cuts:
            box = None
        if box is None:
            continue
        options = candidates.get(frame, np.empty((0, 4)))
        iou = iou_matrix(corners(box[None]), corners(options))[0]
        is_candidate = bool(len(iou)) and bool(iou.max() >= SAME_OBJECT)
        box = options[iou.argmax()] if is_candidate else box
        filled[frame] = box, is_candidate
    return filled
