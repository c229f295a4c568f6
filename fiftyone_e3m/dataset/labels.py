"""Between FiftyOne's labels and arrays."""

from __future__ import annotations

from typing import Any

import fiftyone as fo
import numpy as np

from ..boxes import Boxes
from ..e3m.tube import FROM_DETECTION, FROM_TRACK, INTERPOLATED, Tube
from ..results import Answer
from ..video import Video

SOURCES = {FROM_DETECTION: "detected", FROM_TRACK: "tracked", INTERPOLATED: "interpolated"}


def to_boxes(detections: Any, width: int, height: int) -> Boxes:
    """`fiftyone.Detections` as boxes in pixels; a detection without a confidence scores 1.

    Args:
        detections: labels with relative ``[x, y, w, h]`` boxes; None for no labels.
        width: frame width in pixels.
        height: frame height in pixels.
    """
    labels = [] if detections is None else detections.detections
    return boxes_of(
        [label.bounding_box for label in labels],
        [label.label for label in labels],
        [label.confidence for label in labels],
        width,
        height,
    )


def boxes_of(
    boxes: list[Any], labels: list[Any], scores: list[Any], width: int, height: int
) -> Boxes:
    """Columns of FiftyOne detections as boxes in pixels.

    Args:
        boxes: relative ``[x, y, w, h]``; anything else becomes an odd box (see `Boxes.odd`).
        labels: class names or None.
        scores: confidences; None counts as 1.
        width: frame width in pixels.
        height: frame height in pixels.
    """
    missing = [float("nan")] * 4
    relative = [missing if box is None or len(box) != 4 else box for box in boxes]
    xywh = np.array(relative, float).reshape(-1, 4) * [width, height, width, height]
    xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    known = [1.0 if score is None else score for score in scores]
    return Boxes.of(xyxy, known, [label or "" for label in labels])


def tube_labels(answers: list[Answer], video: Video) -> dict[int, fo.Detections]:
    """The tubes of a video by 1-based frame number; frames without any box are left out."""
    labels: dict[int, list[fo.Detection]] = {}
    for index, answer in enumerate(answers, 1):
        instance = fo.Instance()
        for frame, detection in _detections(answer, video):
            detection.index, detection.instance = index, instance
            labels.setdefault(frame, []).append(detection)
    return {frame: fo.Detections(detections=found) for frame, found in labels.items()}


def event_labels(answers: list[Answer]) -> fo.TemporalDetections:
    """The event of each query, 1-based and inclusive."""
    return fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(
                label=answer.query,
                support=[answer.tube.first + 1, answer.tube.last + 1],
                confidence=answer.confidence,
            )
            for answer in answers
        ]
    )


def query_labels(answers: list[Answer]) -> dict[int, fo.Classifications]:
    """The relevance of every frame to each query, by 1-based frame number."""
    return {
        number: fo.Classifications(
            classifications=[
                fo.Classification(label=answer.query, confidence=float(value))
                for answer, value in zip(answers, values, strict=True)
            ]
        )
        for number, values in enumerate(zip(*(a.tube.relevance for a in answers), strict=True), 1)
    }


def relevance_values(answers: list[Answer]) -> dict[int, float]:
    """The highest relevance of every frame over the queries, by 1-based frame number."""
    highest = np.max([answer.tube.relevance for answer in answers], axis=0)
    return dict(enumerate(highest.tolist(), 1))


def _detections(answer: Answer, video: Video) -> list[tuple[int, fo.Detection]]:
    tube: Tube = answer.tube
    corners = tube.xyxy / [video.width, video.height, video.width, video.height]
    xywh = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    return [
        (
            frame + 1,
            fo.Detection(
                label=answer.query,
                bounding_box=box,
                confidence=confidence,
                source=SOURCES[origin],
                keyframe=origin == FROM_DETECTION,
            ),
        )
        for frame, box, confidence, origin in zip(
            tube.frames.tolist(),
            xywh.tolist(),
            tube.confidence.tolist(),
            tube.origin.tolist(),
            strict=True,
        )
    ]
