"""Kinds of boxes in a frame field, one kind per video."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fiftyone as fo
import numpy as np

from .table import Case

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
ALIKE = "All frames fit the sentence equally well, so the event is arbitrary."
"""Without boxes, all pictures of the healthy video are alike."""
EMPTY = "No box was found in any of the 6 frames that were looked at."
IGNORED = "6 boxes without an area or with a NaN were ignored."


def none(why: str) -> str:
    """The sentence about boxes none of which can be used."""
    return f"No box can be used, of 6 that were found: 6 {why}."


NONE = none("without an area or with a NaN")
OUTSIDE = none("outside of the picture")


def unit(times: int) -> str:
    """The sentence about boxes that reach so many times as far as the picture."""
    return (
        f"The boxes seem to be in pixels or percent: most reach {times} times as far as the "
        f"picture. FiftyOne's boxes are shares of it, 0..1. {OUTSIDE}"
    )


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
        says=OUTSIDE,
        boxes=[box(1.2, 1.2, 0.3, 0.3)],
    ),
    BoxesCase(what="partly outside", outcome="ok", says=ALIKE, boxes=[box(-0.2, -0.2, 0.8, 0.8)]),
    BoxesCase(what="in pixels", outcome="no_boxes", says=unit(48), boxes=[box(16, 12, 32, 24)]),
    BoxesCase(what="in percent", outcome="no_boxes", says=unit(75), boxes=[box(25, 25, 50, 50)]),
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
        says=none("below conf 0.25 (the best has 0)"),
        boxes=[box(confidence=0.0)],
    ),
    BoxesCase(
        what="5,000 in a frame",
        outcome="ok",
        says="1 of 6 frames that were looked at have more than 10 boxes: 10 were used, the best "
        "scores first. Raise max_boxes to use more.",
        boxes=crowd(5000),
        frames=[5],
    ),
    BoxesCase(what="empty lists", outcome="no_boxes", says=EMPTY, boxes=[]),
    BoxesCase(
        what="no frame has any",
        outcome="no_boxes",
        says=f"{EMPTY} There is no object to choose from, so only the time of the event is known. "
        f"{ALIKE}",
        boxes=[],
        frames=[],
    ),
    BoxesCase(what="in one frame only", outcome="ok", boxes=[box()], frames=[5]),
    BoxesCase(what="also behind the last frame", outcome="ok", boxes=[box()], frames=range(1, 40)),
)
"""Kinds of boxes and the status of each; all through `boxes_field`."""
