"""Agreement of predicted and true tubes: tIoU, vIoU and their means over a dataset.

Two conventions for the last frame of an event are in use, and both are supported:

* ``"inclusive"`` (HC-STVG's official evaluation): an event [3, 5] has three frames;
* ``"half_open"`` (TubeDETR): the end is the first frame after the event, so the same three frames
  are the event [3, 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..boxes import iou_matrix

Ends = Literal["inclusive", "half_open"]
THRESHOLDS = (0.3, 0.5)

MARGIN = 1e-9
"""A score counts as above a threshold only by more than this; rounding errors are far smaller."""


@dataclass(frozen=True)
class TimedBoxes:
    """A tube as input of the metrics.

    Attributes:
        first: first frame of the event.
        last: end of the event by the convention: the last frame, or the one after it.
        boxes: xyxy box of each frame that has one; frames outside the event are ignored.
    """

    first: int
    last: int
    boxes: Mapping[int, ArrayLike]

    def frames(self, ends: Ends) -> range:
        """The frames of the event."""
        return range(self.first, self.last + (ends == "inclusive"))


@dataclass(frozen=True)
class Scores:
    """Means over pairs of predicted and true tubes, all in 0..1.

    Attributes:
        n: number of pairs.
        m_tiou: mean temporal IoU.
        m_viou: mean spatio-temporal IoU.
        viou_at: share of pairs whose vIoU is `above` 0.3 and 0.5.
    """

    n: int
    m_tiou: float
    m_viou: float
    viou_at: tuple[float, float]

    def __str__(self) -> str:
        return (
            f"m_tIoU {self.m_tiou:.3f}  m_vIoU {self.m_viou:.3f}  "
            f"vIoU@0.3 {self.viou_at[0]:.3f}  vIoU@0.5 {self.viou_at[1]:.3f}  ({self.n} pairs)"
        )


def tiou(prediction: TimedBoxes, truth: TimedBoxes, ends: Ends = "inclusive") -> float:
    """Temporal IoU: frames in both events over frames in either, 0..1.

    Boxes do not matter, as in TubeDETR and STCAT. HC-STVG's own ``eval_hcvg.py`` counts only shared
    frames in which both sides have a box, so its tIoU is lower where boxes are missing.

    Example:
        >>> a, b = TimedBoxes(0, 9, {}), TimedBoxes(5, 14, {})
        >>> round(tiou(a, b), 3), round(tiou(a, b, ends="half_open"), 3)
        (0.333, 0.286)
    """
    shared, union = _overlap(prediction.frames(ends), truth.frames(ends))
    return len(shared) / union if union else 0.0


def viou(prediction: TimedBoxes, truth: TimedBoxes, ends: Ends = "inclusive") -> float:
    """Spatio-temporal IoU: box IoU summed over shared frames, over frames in either event, 0..1.

    A shared frame without a box on one side adds 0.
    """
    shared, union = _overlap(prediction.frames(ends), truth.frames(ends))
    both = [t for t in shared if t in prediction.boxes and t in truth.boxes]
    if not both:
        return 0.0
    a = np.array([prediction.boxes[t] for t in both], float)
    b = np.array([truth.boxes[t] for t in both], float)
    total = sum(iou_matrix(x[None], y[None]).item() for x, y in zip(a, b, strict=True))
    return total / union


def above(score: float, threshold: float) -> bool:
    """Whether a score is strictly above a threshold, whatever the rounding of floats.

    A tube of which exactly half is right has a vIoU of .5, or of .5000000000000001.

    Example:
        >>> above(0.1 + 0.2, 0.3), above(0.30001, 0.3)
        (False, True)
    """
    return score > threshold + MARGIN


def summarise(tious: Sequence[float], vious: Sequence[float]) -> Scores:
    """Means over pairs; a missing prediction must be included as 0.

    Raises:
        ValueError: there are no pairs, or the numbers of tIoUs and vIoUs differ.
    """
    if not tious or len(tious) != len(vious):
        raise ValueError(f"expected one tIoU per vIoU, got {len(tious)} and {len(vious)}")
    low, high = (float(np.mean([above(score, r) for score in vious])) for r in THRESHOLDS)
    return Scores(len(tious), float(np.mean(tious)), float(np.mean(vious)), (low, high))


def _overlap(a: range, b: range) -> tuple[range, int]:
    """The shared frames of two events, and the size of their union."""
    shared = range(max(a.start, b.start), min(a.stop, b.stop))
    return shared, len(a) + len(b) - len(shared)
