"""Why no box of a video can be used, and whether boxes are in other units than they should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes, are_boxes, area, clip
from ..config import E3MConfig

BEYOND = 3
"""How many times the size of the picture coordinates must be to be in another unit."""
LISTED = 3
"""Classes that a sentence lists."""


def why_none(
    detections: Sequence[Boxes],
    width: int,
    height: int,
    config: E3MConfig,
    prompts: Sequence[str] = (),
) -> str:
    """One sentence on why none of these boxes begins a track.

    Args:
        detections: the raw boxes of each frame that was looked at.
        width: width of the frames in pixels.
        height: height of the frames in pixels.
        config: uses `conf`, `classes`, `min_side` and `min_area`.
        prompts: what the detector was asked for in words.
    """
    boxes = _together(detections)
    if len(boxes) == 0:
        asked = f" of {', '.join(map(repr, prompts))}" if prompts else ""
        return (
            f"No box{asked} was found in any of the {len(detections)} frames that were looked at."
        )
    inside = clip(boxes.xyxy, width, height)
    sides = (inside[:, 2:] - inside[:, :2]).min(axis=1)
    small = (sides < config.min_side) | (area(inside) < config.min_area * width * height)
    labels = Counter(boxes.labels)
    others = np.zeros(len(boxes), bool)
    if config.classes is not None:
        others = ~np.isin(np.array(boxes.labels, object), list(config.classes))
    best = boxes.scores.max(initial=0, where=np.isfinite(boxes.scores))
    found = ", ".join(f"'{label}'" for label, _ in labels.most_common(LISTED))
    reasons = {
        "{n} without an area or with a NaN": boxes.odd(),
        "{n} outside of the picture": ~are_boxes(inside),
        "{n} smaller than min_side and min_area allow": small,
        f"{{n}} of other classes than asked for (most are {found})": others,
        f"{{n}} below conf {config.conf:g} (the best has {best:.2g})": boxes.scores < config.conf,
    }
    parts, left = [], np.ones(len(boxes), bool)
    for reason, holds in reasons.items():  # each box counts for the first reason alone
        if n := int((left & holds).sum()):
            parts.append(reason.format(n=n))
        left &= ~holds
    told = f": {', '.join(parts)}" if parts else ""
    return f"No box can be used, of {len(boxes)} that were found{told}."


def wrong_unit(detections: Sequence[Boxes], width: int, height: int, detected: bool) -> str | None:
    """A sentence if most boxes seem to be in another unit.

    Args:
        detections: the raw boxes of each frame, in pixels.
        width: width of the frames in pixels.
        height: height of the frames in pixels.
        detected: whether a detector gave them, in pixels; else they were shares of the frame.
    """
    xyxy = _together(detections).xyxy
    xyxy = xyxy[np.isfinite(xyxy).all(axis=1)]
    if len(xyxy) == 0:
        return None
    furthest = float(np.median(np.abs(xyxy / [width, height, width, height]).max(axis=1)))
    if not detected and furthest > BEYOND:
        return (
            f"The boxes seem to be in pixels or percent: most reach {furthest:.0f} times as far as "
            "the picture. FiftyOne's boxes are shares of it, 0..1."
        )
    if detected and xyxy.max() <= 1:
        return (
            "The detector's boxes seem to be shares of the picture, 0..1; they must be in pixels."
        )
    return None


def _together(detections: Sequence[Boxes]) -> Boxes:
    """All boxes of all frames."""
    none: NDArray[np.float32] = np.zeros((0, 4), np.float32)
    return Boxes.of(
        np.concatenate([none, *(frame.xyxy for frame in detections)]),
        np.concatenate([none[:, 0], *(frame.scores for frame in detections)]),
        [label for frame in detections for label in frame.labels],
    )
