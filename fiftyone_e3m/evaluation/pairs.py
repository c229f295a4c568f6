"""A true tube and what was predicted for it: the scores, and what failed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..dataset.labels import Span

RIGHT = 0.5
"""An IoU strictly above it counts as right, as in vIoU@0.5."""

BOTH_RIGHT = "right"
WRONG_TIME = "right object at the wrong time"
WRONG_OBJECT = "wrong object at the right time"
NEITHER = "neither"
NO_SHARED_FRAME = "at another time altogether"
NOT_PREDICTED = "not predicted"
VERDICTS = (BOTH_RIGHT, WRONG_TIME, WRONG_OBJECT, NEITHER, NO_SHARED_FRAME, NOT_PREDICTED)
"""Of pairs with true boxes, from the best to the worst."""

IN_TIME = "at the right time"
NOT_IN_TIME = "at the wrong time"
TIME_VERDICTS = (IN_TIME, NOT_IN_TIME, NOT_PREDICTED)
"""Of pairs without true boxes."""

WITHOUT_ANSWERS = ("unreadable", "no_query", "failed", "not_found")
"""Statuses of videos in which no sentence was grounded."""


@dataclass(frozen=True)
class Pair:
    """A true tube and the predicted one of the same sentence.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        query: the sentence.
        tiou: temporal IoU, 0..1.
        viou: spatio-temporal IoU, 0..1; None where the truth has no boxes.
        box_iou: mean box IoU over the frames that both events share, 0..1, where a frame without a
            box on one side counts 0; None where there are no such frames, or no true boxes.
        predicted: first and last frame found, 1-based and inclusive; None if nothing was predicted.
        true: the true ones.
        n_boxed: frames of the true event that have a true box.
        status: how grounding the video went, where that is known.
    """

    sample_id: str
    filepath: str
    query: str
    tiou: float
    viou: float | None
    box_iou: float | None
    predicted: Span | None
    true: Span
    n_boxed: int
    status: str | None = None

    @property
    def quality(self) -> float:
        """What pairs are ordered by: the vIoU, or the tIoU where there is none."""
        return self.tiou if self.viou is None else self.viou

    @property
    def absence(self) -> str:
        """Why there is no prediction."""
        if self.status is None:
            return "not predicted"
        return self.status if self.status in WITHOUT_ANSWERS else "not asked for or not found"

    @property
    def verdict(self) -> str:
        """What failed: one of `VERDICTS`, or of `TIME_VERDICTS` where the truth has no boxes.

        Time is right where tIoU is above `RIGHT`, the object where the mean box IoU over the shared
        frames is. Events that share no frame say nothing about the object.
        """
        if self.predicted is None:
            return NOT_PREDICTED
        in_time = self.tiou > RIGHT
        if self.viou is None:
            return IN_TIME if in_time else NOT_IN_TIME
        if self.box_iou is None:
            return NO_SHARED_FRAME
        if self.box_iou > RIGHT:
            return BOTH_RIGHT if in_time else WRONG_TIME
        return WRONG_OBJECT if in_time else NEITHER

    @property
    def video(self) -> str:
        """Name of the video's file."""
        return Path(self.filepath).name


@dataclass(frozen=True)
class Unmatched:
    """A prediction without ground truth.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        query: the sentence.
    """

    sample_id: str
    filepath: str
    query: str
