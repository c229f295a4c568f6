"""Which of the boxes that were found are candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..boxes import Boxes, clean
from ..config import E3MConfig
from ..video import Video
from .base import Detector
from .survey import Survey


def admitted(survey: Survey, config: E3MConfig) -> tuple[list[Boxes], list[str]]:
    """The candidates of each frame of a survey, and remarks on given boxes, as sentences.

    A track of which several boxes are in one frame is none; its boxes are joined by their motion.
    """
    detections, config = survey.detections, admitting(survey, config)
    repeated = sorted(_repeated(detections))
    remarks = []
    if repeated:
        detections = [boxes.without_tracks(repeated) for boxes in detections]
        more = f" and {len(repeated) - 1} more" if len(repeated) > 1 else ""
        remarks.append(
            f"Of the track '{repeated[0]}'{more}, several boxes are in one frame, so these boxes "
            "were joined by their motion instead."
        )
    most = config.max_boxes
    one_more = config.model_copy(update={"max_boxes": most + 1})
    candidates = [candidates_of(boxes, survey.video, one_more) for boxes in detections]
    n_crowded = sum(len(boxes) > most for boxes in candidates)
    if n_crowded and not isinstance(survey.boxes, Detector):  # all of what a person drew counts
        remarks.append(
            f"{n_crowded} of {len(candidates)} frames that were looked at have more than {most} "
            f"boxes: {most} were used, the best scores first. Raise max_boxes to use more."
        )
    return [boxes.take(range(min(len(boxes), most))) for boxes in candidates], remarks


def admitting(survey: Survey, config: E3MConfig) -> E3MConfig:
    """The configuration for a survey's boxes: those asked for in words are of the right classes."""
    return config.model_copy(update={"classes": None}) if survey.prompts else config


def candidates_of(boxes: Boxes, video: Video, config: E3MConfig) -> Boxes:
    """The boxes of a frame that `config` admits as candidates."""
    return clean(
        boxes,
        video.width,
        video.height,
        conf=min(config.conf, config.low_conf),
        max_boxes=config.max_boxes,
        classes=config.classes,
        duplicate_iou=config.duplicate_iou,
        min_side=config.min_side,
        min_area=config.min_area,
    )


def _repeated(detections: Sequence[Boxes]) -> set[str]:
    """The tracks that have several boxes in one frame."""
    counts = (Counter(boxes.tracks) for boxes in detections if boxes.tracks)
    return {name for frame in counts for name, n in frame.items() if name and n > 1}
