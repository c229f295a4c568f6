"""Conversion between FiftyOne labels and arrays.

Frame labels are generated one at a time: those of an hour of video would fill a gigabyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter

import fiftyone as fo
import numpy as np
from bson import ObjectId
from numpy.typing import NDArray

from ..boxes import Boxes
from ..e3m.tracks import Tracks
from ..e3m.tube import FROM_DETECTION, FROM_TRACK, INTERPOLATED, Tube
from ..keyframes import thin
from ..results import Answer
from ..texts import distinct
from ..video import Video
from .source_tracks import SourceTracks

Span = tuple[int, int]
"""First and last frame of an event, 1-based and inclusive: FiftyOne's `support`."""
RelativeBox = list[float]
"""A box ``[x, y, w, h]`` relative to the frame: FiftyOne's `bounding_box`."""

TAKEN_OVER_AT_ONCE = 250
"""Labels of the source held at once; a mask takes 100 kB and more."""

SOURCES = {FROM_DETECTION: "detected", FROM_TRACK: "tracked", INTERPOLATED: "interpolated"}
SENTENCE = "sentence"
"""Attribute of a box with the whole sentence, where the label is only its beginning."""
LONGEST = 32
"""Most characters of a box's label: the player draws it over the picture, 25 to a line."""


def to_detections(boxes: Boxes, video: Video) -> fo.Detections:
    """Converts the boxes of a frame to FiftyOne detections."""
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


def tube_labels(
    answers: list[Answer], video: Video, source: SourceTracks | None = None
) -> Iterator[tuple[int, fo.Detections]]:
    """The tubes of a video by 1-based frame number, ascending; frames without a box are skipped.

    A sentence that was not found has no tube; the other sentences keep their numbers. A sentence
    too long to be drawn over the picture is shortened to a label, and is the box's `sentence`.

    Args:
        answers: one per sentence.
        video: the video file.
        source: the labels that the boxes come from. Where a tube follows one of their tracks, it
            takes over its instance, and its labels' boxes, masks and marks of keyframes.
    """
    names = short_labels(answer.query for answer in answers)
    tubes = [
        _detections(answer, index, name, video, source)
        for index, (answer, name) in enumerate(zip(answers, names, strict=True), 1)
        if answer.found
    ]
    boxes = merge(*tubes, key=itemgetter(0))  # keeps the order of the answers within a frame
    for number, group in groupby(boxes, key=itemgetter(0)):
        yield number, fo.Detections(detections=[detection for _, detection in group])


def short_labels(queries: Iterable[str]) -> list[str]:
    """The labels of the boxes of one video's sentences, which the player draws over the picture."""
    queries = list(queries)
    names = distinct(queries, LONGEST)
    return [names[query] for query in queries]


def sentence_of(box: fo.Detection) -> str | None:
    """The sentence of a box: its attribute `sentence` if it has one, else its label."""
    sentence: str | None = box.get_attribute_value(SENTENCE, None)
    return sentence or box.label


def name_of(box: fo.Detection) -> dict[str, str | None]:
    """The label of a box and its sentence, as the attributes of another box of the same tube."""
    sentence = box.get_attribute_value(SENTENCE, None)
    return {"label": box.label, **({SENTENCE: sentence} if sentence else {})}


def event_labels(answers: list[Answer]) -> fo.TemporalDetections:
    """The event of each query that was found, 1-based, inclusive, with its atomic events.

    Its `index` is that of the query's boxes.
    """
    return fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(
                label=answer.query,
                support=[answer.tube.first + 1, answer.tube.last + 1],
                original_support=[answer.tube.first + 1, answer.tube.last + 1],
                confidence=answer.confidence,
                index=index,
                atomic_starts=(answer.tube.atomic[:, 0] + 1).tolist(),
                prototype_frames=(answer.tube.prototypes + 1).tolist(),
                prototype_weights=[p.weight for p in answer.grounding.prototypes],
            )
            for index, answer in enumerate(answers, 1)
            if answer.found
        ]
    )


def query_labels(answers: list[Answer]) -> Iterator[tuple[int, fo.Classifications]]:
    """The relevance of every frame to each query, by 1-based frame number."""
    for number, values in enumerate(zip(*(a.tube.relevance for a in answers), strict=True), 1):
        labels = [
            fo.Classification(label=answer.query, confidence=float(value))
            for answer, value in zip(answers, values, strict=True)
        ]
        yield number, fo.Classifications(classifications=labels)


def relevance_values(answers: list[Answer]) -> Iterator[tuple[int, float]]:
    """The maximum relevance of every frame over the queries, by 1-based frame number."""
    highest = np.max([answer.tube.relevance for answer in answers], axis=0)
    return enumerate(highest.tolist(), 1)


def _detections(
    answer: Answer, index: int, label: str, video: Video, source: SourceTracks | None
) -> Iterator[tuple[int, fo.Detection]]:
    """The boxes of a tube, by 1-based frame number; those of one track share an instance."""
    tube, tracks = answer.tube, answer.tracks
    long = {} if label == answer.query else {SENTENCE: answer.query}
    instances: dict[str, fo.Instance] = {}
    rows = zip(
        tube.frames.tolist(),
        relative_boxes(tube.xyxy, video).tolist(),
        tube.confidence.tolist(),
        tube.origin.tolist(),
        tube.track.tolist(),
        _keyframes(tube, tracks).tolist(),
        strict=True,
    )
    while block := list(islice(rows, TAKEN_OVER_AT_ONCE)):
        names = [tracks.name[track] if tracks.name else "" for *_, track, _ in block]
        places = [(frame + 1, name) for (frame, *_), name in zip(block, names, strict=True)]
        taken = source.labels(places) if source and any(names) else {}
        for place, (_, box, confidence, origin, track, is_keyframe) in zip(
            places, block, strict=True
        ):
            number, name = place
            detection = fo.Detection(
                label=label,
                bounding_box=box,
                confidence=confidence,
                index=index,
                instance=instances.setdefault(name, _instance(name)),
                source=SOURCES[origin],
                keyframe=is_keyframe,
                class_name=tracks.label[track] or None,
                track=name or None,
                **long,
            )
            if place in taken:
                _take_over(detection, taken[place])
            yield number, detection


def _keyframes(tube: Tube, tracks: Tracks) -> NDArray[np.bool_]:
    """(N,) whether each box is a keyframe: the fewest, of each track with a name apart."""
    jumps = np.flatnonzero(np.diff(tube.track)) + 1 if tracks.name else ()
    parts = np.split(np.arange(len(tube.frames)), jumps)
    return np.concatenate([thin(tube.frames[part], tube.xyxy[part]) for part in parts])


def _instance(name: str) -> fo.Instance:
    """The instance that a track has in the source, or a new one."""
    return fo.Instance(id=name) if ObjectId.is_valid(name) else fo.Instance()


def _take_over(detection: fo.Detection, label: fo.Detection) -> None:
    """Makes a detection the same place as a label of the source, to which its mask belongs."""
    detection.bounding_box = label.bounding_box
    detection.mask, detection.mask_path = label.mask, label.mask_path
    detection["keyframe"] |= bool(label.get_attribute_value("keyframe", None))
