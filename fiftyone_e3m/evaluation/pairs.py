"""A true tube and its prediction: the scores, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..dataset.labels import Span
from .metrics import above

RIGHT = 0.5
"""An IoU `above` this is right, as in vIoU@0.5."""

BOTH_RIGHT = "right"
NEARLY_RIGHT = "nearly right"
WRONG_TIME = "right object at the wrong time"
WRONG_OBJECT = "wrong object at the right time"
NEITHER = "neither"
NO_SHARED_FRAME = "at another time altogether"
NOT_PREDICTED = "not predicted"
VERDICTS = (
    BOTH_RIGHT,
    NEARLY_RIGHT,
    WRONG_TIME,
    WRONG_OBJECT,
    NEITHER,
    NO_SHARED_FRAME,
    NOT_PREDICTED,
)
"""Verdicts of pairs with true boxes, from best to worst."""

IN_TIME = "at the right time"
NOT_IN_TIME = "at the wrong time"
TIME_VERDICTS = (IN_TIME, NOT_IN_TIME, NOT_PREDICTED)
"""Verdicts of pairs without true boxes."""

WITHOUT_ANSWERS = ("unreadable", "no_query", "failed", "not_found")
"""Statuses of videos in which no sentence was grounded."""


@dataclass(frozen=True)
class Pair:
    """A true tube and the predicted tube of the same sentence.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        query: the sentence.
        tiou: temporal IoU, 0..1.
        viou: spatio-temporal IoU, 0..1; None if there are no true boxes.
        box_iou: mean box IoU over the frames that both events share, 0..1; a frame without a box
            on one side counts 0. None without shared frames or true boxes.
        predicted: first and last predicted frame, 1-based and inclusive; None without a prediction.
        true: first and last true frame, 1-based and inclusive.
        n_boxed: number of frames of the true event that have a true box.
        status: grounding status of the video, if known.
        corrected: whether a person corrected the predicted event.
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
    corrected: bool = False

    @property
    def quality(self) -> float:
        """The score that orders pairs: the vIoU, or the tIoU if there is none."""
        return self.tiou if self.viou is None else self.viou

    @property
    def right(self) -> bool:
        """Whether the prediction is right: its vIoU, or tIoU without true boxes, is above .5.

        This is the one definition of a right sentence: of verdicts, reports, views and panels, and
        of true positives in FiftyOne's list of evaluations.
        """
        return self.predicted is not None and above(self.quality, RIGHT)

    @property
    def absence(self) -> str:
        """Why there is no prediction."""
        if self.status is None:
            return "not predicted"
        return self.status if self.status in WITHOUT_ANSWERS else "not asked for or not found"

    @property
    def verdict(self) -> str:
        """What is wrong: one of `VERDICTS`, or of `TIME_VERDICTS` if there are no true boxes.

        The time is right if the tIoU is above `RIGHT`, the object if the mean box IoU over the
        shared frames is. If both are, but their product, the vIoU, is not, the prediction is nearly
        right. Events without a shared frame say nothing about the object.
        """
        if self.predicted is None:
            return NOT_PREDICTED
        in_time = above(self.tiou, RIGHT)
        if self.viou is None:
            return IN_TIME if in_time else NOT_IN_TIME
        if self.box_iou is None:
            return NO_SHARED_FRAME
        if above(self.box_iou, RIGHT):
            close = BOTH_RIGHT if self.right else NEARLY_RIGHT
            return close if in_time else WRONG_TIME
        return WRONG_OBJECT if in_time else NEITHER

    @property
    def video(self) -> str:
        """Name of the video file."""
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
