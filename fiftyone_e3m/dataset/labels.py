"""Between FiftyOne's labels and arrays."""

from __future__ import annotations

import fiftyone as fo
import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from ..e3m.tube import FROM_DETECTION, FROM_TRACK, INTERPOLATED, Tube
from ..results import Answer
from ..video import Video

SOURCES = {FROM_DETECTION: "detected", FROM_TRACK: "tracked", INTERPOLATED: "interpolated"}


def to_detections(boxes: Boxes, video: Video) -> fo.Detections:
    """Boxes of a frame as FiftyOne detections."""
    relative = relative_boxes(boxes.xyxy, video).tolist()
    rows = zip(boxes.labels, relative, boxes.scores.tolist(), strict=True)
    return fo.Detections(
        detections=[
            fo.Detection(label=label, bounding_box=box, confidence=score)
            for label, box, score in rows
        ]
    )


def relative_boxes(xyxy: NDArray[np.floating], video: Video) -> NDArray[np.float64]:
    """Boxes (N, 4) in pixels as FiftyOne's ``[x, y, w, h]`` relative to the frame."""
    corners = xyxy.astype(float) / [video.width, video.height, video.width, video.height]
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)


def tube_labels(answers: list[Answer], video: Video) -> dict[int, fo.Detections]:
    """The tubes of a video by 1-based frame number; frames without any box are left out.

    A sentence that was not found has no tube, and the others keep their numbers.
    """
    labels: dict[int, list[fo.Detection]] = {}
    for index, answer in enumerate(answers, 1):
        if not answer.found:
            continue
        instance = fo.Instance()
        for frame, detection in _detections(answer, video):
            detection.index, detection.instance = index, instance
            labels.setdefault(frame, []).append(detection)
    return {frame: fo.Detections(detections=found) for frame, found in labels.items()}


def event_labels(answers: list[Answer]) -> fo.TemporalDetections:
    """The event of each query that was found, 1-based and inclusive, with what it was made of."""
    return fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(
                label=answer.query,
                support=[answer.tube.first + 1, answer.tube.last + 1],
                confidence=answer.confidence,
                atomic_starts=(answer.tube.atomic[:, 0] + 1).tolist(),
                prototype_frames=(answer.tube.prototypes + 1).tolist(),
                prototype_weights=[p.weight for p in answer.grounding.prototypes],
            )
            for answer in answers
            if answer.found
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
    xywh = relative_boxes(tube.xyxy, video)
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
