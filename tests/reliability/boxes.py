"""Kinds of boxes in a frame field, one kind per video."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fiftyone as fo
import numpy as np

from .table import REST, Case

BOX = (0.25, 0.25, 0.5, 0.5)
SIZE = (64, 48)


@dataclass(frozen=True, kw_only=True)
class BoxesCase(Case):
    """A kind of boxes.

    Attributes:
        boxes: the boxes of every frame, as arguments of `fo.Detection`.
        frames: the frames that have them, 1-based.
    """

    boxes: Sequence[Mapping[str, Any]]
    frames: Sequence[int] = range(1, 13)

    def detections(self) -> dict[int, fo.Detections]:
        """The labels by frame number."""
        return {
            number: fo.Detections(detections=[fo.Detection(**box) for box in self.boxes])
            for number in self.frames
        }


def box(*values: float, **attributes: Any) -> dict[str, Any]:
    """The arguments of a box, whose label is "box" unless told otherwise."""
    return {"label": "box", "bounding_box": list(values or BOX), **attributes}


def crowd(n: int) -> list[dict[str, Any]]:
    """Boxes all over a frame."""
    at = np.random.default_rng(0).uniform(0, 0.7, (n, 2))
    return [box(x, y, 0.3, 0.3, confidence=0.9) for x, y in at.tolist()]


NAN, INF = math.nan, math.inf
IGNORED = f"{REST} boxes without an area or with a NaN were ignored."
NONE = "No box can be used, of "
EMPTY = "No box was found in any of the "
UNIT = "The boxes seem to be in pixels or percent"

BOXES = (
    BoxesCase(what="one box in every frame", outcome="ok", boxes=[box()]),
    BoxesCase(what="no label, no confidence", outcome="ok", boxes=[box(label=None)]),
    BoxesCase(
        what="NaN beside a good one", outcome="ok", says=IGNORED, boxes=[box(), box(NAN, 0, 1, 1)]
    ),
    BoxesCase(what="only NaN", outcome="no_boxes", says=NONE, boxes=[box(NAN, NAN, NAN, NAN)]),
    BoxesCase(what="infinite", outcome="no_boxes", says=NONE, boxes=[box(0, 0, INF, INF)]),
    BoxesCase(
        what="negative width and height",
        outcome="no_boxes",
        says=NONE,
        boxes=[box(0.5, 0.5, -0.2, -0.2)],
    ),
    BoxesCase(what="no area", outcome="no_boxes", says=NONE, boxes=[box(0.5, 0.5, 0, 0)]),
    BoxesCase(
        what="outside of the picture",
        outcome="no_boxes",
        says=f"{NONE}{REST} outside of the picture",
        boxes=[box(1.2, 1.2, 0.3, 0.3)],
    ),
    BoxesCase(what="partly outside", outcome="ok", says=REST, boxes=[box(-0.2, -0.2, 0.8, 0.8)]),
    BoxesCase(what="in pixels", outcome="no_boxes", says=UNIT, boxes=[box(16, 12, 32, 24)]),
    BoxesCase(what="in percent", outcome="no_boxes", says=UNIT, boxes=[box(25, 25, 50, 50)]),
    BoxesCase(what="three numbers", outcome="no_boxes", says=NONE, boxes=[box(0.1, 0.1, 0.5)]),
    BoxesCase(what="no numbers", outcome="no_boxes", says=NONE, boxes=[{"label": "box"}]),
    BoxesCase(
        what="confidence of NaN",
        outcome="no_boxes",
        says=NONE,
        boxes=[box(confidence=NAN)],
    ),
    BoxesCase(
        what="confidence of 0",
        outcome="no_boxes",
        says=f"{NONE}{REST} below conf",
        boxes=[box(confidence=0.0)],
    ),
    BoxesCase(what="5,000 in a frame", outcome="ok", says=REST, boxes=crowd(5000), frames=[5]),
    BoxesCase(what="empty lists", outcome="no_boxes", says=EMPTY, boxes=[]),
    BoxesCase(what="no frame has any", outcome="no_boxes", says=EMPTY, boxes=[], frames=[]),
    BoxesCase(what="in one frame only", outcome="ok", boxes=[box()], frames=[5]),
    BoxesCase(what="also behind the last frame", outcome="ok", boxes=[box()], frames=range(1, 40)),
)
"""Kinds of boxes and the status of each; all through `boxes_field`."""
