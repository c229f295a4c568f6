"""Keyframes of a tube that was changed: those that it had, and those that it needs now."""

from __future__ import annotations

from collections.abc import Collection

import fiftyone as fo
import numpy as np

from ..boxes import corners
from ..keyframes import thin

DetectionsByFrame = dict[int, list[fo.Detection]]
"""Boxes of a sentence by 1-based frame number, at least one per frame."""


def marked(boxes: DetectionsByFrame, added: Collection[int]) -> DetectionsByFrame:
    """Marks the keyframes of a tube, as FiftyOne's Annotate tab needs them.

    The tab interpolates between the keyframes beside an edited box, and holds the box to the end of
    the tube where there is none. So the ends of a tube and of its gaps are keyframes, and so are
    the boxes beside added ones; of these, the fewest that are needed. Other marks stay.

    Args:
        boxes: the tube; labels that need another mark are replaced by copies.
        added: the frames whose box is new.
    """
    if not boxes:
        return boxes
    numbers = sorted(boxes)
    places = np.array([boxes[number][0].bounding_box for number in numbers], float)
    needed = dict(zip(numbers, thin(numbers, corners(places)).tolist(), strict=True))
    return {
        number: [_with_mark(first, _is_keyframe(number, boxes, added, needed)), *others]
        for number, (first, *others) in boxes.items()
    }


def _is_keyframe(
    number: int, boxes: DetectionsByFrame, added: Collection[int], needed: dict[int, bool]
) -> bool:
    if number in added:
        return needed[number]
    beside = {number - 1, number + 1}
    marked_before = boxes[number][0].get_attribute_value("keyframe", None)
    return bool(marked_before) or not beside <= boxes.keys() or not beside.isdisjoint(added)


def _with_mark(box: fo.Detection, keyframe: bool) -> fo.Detection:
    """The box, or a copy of it, with the mark."""
    if bool(box.get_attribute_value("keyframe", None)) == keyframe:
        return box
    copy = fo.Detection.from_dict(box.to_dict())
    copy["keyframe"] = keyframe
    return copy
