"""Conversion of sentences and their tubes to a FiftyOne sample."""

from __future__ import annotations

from typing import Any

import fiftyone as fo

from ..dataset.reading import video_metadata
from ..video import Video
from .clips import Query
from .truth import TrueTube

SENTENCES, KINDS = "sentences", "sentence_kinds"
TRUTH = "gt"
EVENTS = f"{TRUTH}_events"


def make_sample(
    video: Video, tubes: list[tuple[Query, TrueTube]], fields: dict[str, Any]
) -> fo.Sample:
    """Makes the sample of a video.

    Args:
        video: the video file.
        tubes: sentences, without duplicates, and their tubes on the frames of the file.
        fields: values of other sample fields.

    Returns:
        The sample with its metadata, sentences, true boxes and events.
    """
    sample = fo.Sample(filepath=str(video.path), metadata=video_metadata(video), **fields)
    sample[SENTENCES] = [query.sentence for query, _ in tubes]
    kinds = [query.kind for query, _ in tubes]
    if any(kinds):
        sample[KINDS] = kinds
    sample[EVENTS] = fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(label=query.sentence, support=[tube.begin + 1, tube.end])
            for query, tube in tubes
        ]
    )
    by_frame: dict[int, list[fo.Detection]] = {}
    for index, (query, tube) in enumerate(tubes, 1):
        instance = fo.Instance()
        xywh = tube.xyxy.copy()
        xywh[:, 2:] -= xywh[:, :2]
        for frame, box in zip(tube.frames.tolist(), xywh.tolist(), strict=True):
            detection = fo.Detection(
                label=query.sentence, bounding_box=box, index=index, instance=instance
            )
            by_frame.setdefault(frame + 1, []).append(detection)
    for number, detections in by_frame.items():
        sample.frames[number] = fo.Frame(**{TRUTH: fo.Detections(detections=detections)})
    return sample
