"""What E3M is measured against: naive per-frame CLIP from below, the best possible from above."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes, iou_matrix
from fiftyone_e3m.e3m.tube import event_borders
from fiftyone_e3m.encoders import Encoder
from fiftyone_e3m.evaluation.metrics import TimedBoxes
from fiftyone_e3m.features.canvas import crop
from fiftyone_e3m.video import Video


def naive(
    video: Video,
    sampled: NDArray[np.int64],
    detections: list[Boxes],
    texts: NDArray[np.float32],
    encoder: Encoder,
) -> list[TimedBoxes]:
    """The crop most similar to the sentence in each frame; the event is the run of high scores.

    High means above the midpoint of the best and the average score; the run is the one around the
    best frame.
    """
    best_score = np.full((len(texts), len(sampled)), -1.0)
    best_box = np.zeros((len(texts), len(sampled), 4))
    for t, frame in video.read(sampled):
        boxes = detections[t].xyxy
        if len(boxes):
            images = np.stack([crop(frame, box, 0.0, encoder.image_size) for box in boxes])
            score = texts @ encoder.encode_images(images).T
            best_score[:, t] = score.max(axis=1)
            best_box[:, t] = boxes[score.argmax(axis=1)]
    return [
        _spread(sampled, *_run(score), boxes, score > -1, video.frame_count)
        for score, boxes in zip(best_score, best_box, strict=True)
    ]


def surest(video: Video, sampled: NDArray[np.int64], detections: list[Boxes]) -> TimedBoxes:
    """The whole video with the detector's surest box of each frame; it knows no sentence."""
    box, has = np.zeros((len(sampled), 4)), np.zeros(len(sampled), bool)
    for i, boxes in enumerate(detections):
        if len(boxes):
            box[i], has[i] = boxes.xyxy[boxes.scores.argmax()], True
    return _spread(sampled, 0, len(sampled) - 1, box, has, video.frame_count)


def ceiling(
    video: Video, sampled: NDArray[np.int64], detections: list[Boxes], truth: TimedBoxes
) -> TimedBoxes:
    """The true event at the sampled frames, with the detected boxes closest to the truth."""
    first = last = None
    box = np.zeros((len(sampled), 4))
    has = np.zeros(len(sampled), bool)
    for i, t in enumerate(sampled):
        if not truth.first <= t <= truth.last:
            continue
        first, last = (i if first is None else first), i
        if t in truth.boxes and len(detections[i]):
            iou = iou_matrix(np.array([truth.boxes[t]], float), detections[i].xyxy)[0]
            box[i], has[i] = detections[i].xyxy[iou.argmax()], iou.max() > 0
    if first is None or last is None:
        return TimedBoxes(0, -1, {})
    return _spread(sampled, first, last, box, has, video.frame_count)


def _run(score: NDArray[np.float64]) -> tuple[int, int]:
    threshold = (score.max() + score.mean()) / 2
    first = last = int(score.argmax())
    while first > 0 and score[first - 1] > threshold:
        first -= 1
    while last + 1 < len(score) and score[last + 1] > threshold:
        last += 1
    return first, last


def _spread(
    sampled: NDArray[np.int64],
    first: int,
    last: int,
    box: NDArray[np.float64],
    has: NDArray[np.bool_],
    frame_count: int,
) -> TimedBoxes:
    """Boxes of sampled frames, interpolated to all frames of an event."""
    borders = event_borders(sampled, frame_count)
    start, end = int(borders[first]), int(borders[last + 1]) - 1
    boxed = np.flatnonzero(has)
    if len(boxed) == 0:
        return TimedBoxes(start, end, {})
    frames = np.arange(start, end + 1)
    xyxy = np.stack([np.interp(frames, sampled[boxed], box[boxed, c]) for c in range(4)], axis=1)
    return TimedBoxes(start, end, dict(zip(frames.tolist(), xyxy, strict=True)))
