"""Whether two tubes of one sentence are of the same object."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..boxes import corners, iou_matrix
from ..evaluation.metrics import above
from ..evaluation.pairs import RIGHT
from .marking import DetectionsByFrame


def agree(a: Mapping[int, ArrayLike], b: Mapping[int, ArrayLike]) -> bool | None:
    """Whether two tubes agree where both have boxes, by the mean IoU.

    Args:
        a: xyxy box by frame.
        b: the same of the other tube, in the same unit.

    Returns:
        None if no frame has a box of both.

    Example:
        >>> agree({1: [0, 0, 4, 4]}, {1: [0, 0, 4, 3]}), agree({}, {})
        (True, None)
    """
    shared = a.keys() & b.keys()
    if not shared:
        return None
    ious = [iou_matrix(*(np.array([boxes[n]], float) for boxes in (a, b)))[0, 0] for n in shared]
    return above(float(np.mean(ious)), RIGHT)


def continues(tube: DetectionsByFrame, original: DetectionsByFrame) -> bool:
    """Whether a tube is still of the object of the original one.

    Where no frame has a box of both, a tube that was grounded again is known by its instances,
    which are others.
    """
    same = agree(_xyxy(tube), _xyxy(original))
    return not tube or (bool(_instances(tube) & _instances(original)) if same is None else same)


def _xyxy(boxes: DetectionsByFrame) -> dict[int, ArrayLike]:
    return {n: corners(np.array([found[0].bounding_box], float))[0] for n, found in boxes.items()}


def _instances(boxes: DetectionsByFrame) -> set[str]:
    return {
        box.instance.id
        for found in boxes.values()
        for box in found
        if box.has_field("instance") and box.instance
    }
