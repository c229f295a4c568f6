"""Pins the conversion between FiftyOne labels (relative, 1-based) and arrays (pixels, 0-based)."""

from pathlib import Path

import numpy as np
import pytest

from fiftyone_e3m.dataset.labels import (
    event_labels,
    query_labels,
    relevance_values,
    tube_labels,
)
from fiftyone_e3m.e3m import Grounding, Tracks
from fiftyone_e3m.e3m.text_prototypes import Prototype
from fiftyone_e3m.e3m.tube import FROM_DETECTION, FROM_TRACK, INTERPOLATED, Tube
from fiftyone_e3m.results import Answer
from fiftyone_e3m.video import Video

TRACKS = Tracks(np.zeros((1, 1, 4)), np.ones((1, 1), np.int8), np.ones((1, 1)), ("thing",))
VIDEO = Video(Path("v.mp4"), frame_count=5, frame_rate=10.0, width=200, height=100)


def _grounding(confidence):
    """A grounding in a single sampled frame, with two prototypes."""
    one, none = np.ones(1), np.empty((0, 1))
    prototypes = tuple(Prototype(0, 0, (0, 0, 1, 1), weight) for weight in (0.75, 0.25))
    return Grounding(
        0, 0, np.array([-1]), one, one, none, one * confidence, (), prototypes, 1, True
    )


def answer(query, first, last, frames, relevance, confidence=0.5):
    """Boxes move one pixel to the right per frame; origins alternate."""
    n = len(frames)
    tube = Tube(
        first=first,
        last=last,
        frames=np.array(frames, int),
        xyxy=np.array([[10 + f, 20, 50 + f, 60] for f in frames], float).reshape(-1, 4),
        origin=np.resize([FROM_DETECTION, FROM_TRACK, INTERPOLATED], n).astype(np.int8),
        track=np.zeros(n, int),
        confidence=np.linspace(0, 1, n),
        relevance=np.array(relevance, float),
        atomic=np.array([[0, first - 1], [first, len(relevance) - 1]]),
        prototypes=np.array([first, last]),
    )
    return Answer(query, tube, _grounding(confidence), TRACKS, confidence)


RED = answer("a red box", 1, 3, [1, 2, 3], [0, 0.9, 1, 0.8, 0.1], confidence=0.7)
BLUE = answer("a blue box", 3, 4, [3, 4], [0.3, 0.2, 0, 1, 0.9])
UNSEEN = answer("a ghost", 0, 4, [], [0, 0, 0, 0, 0])


def test_tube_frames_count_from_1_and_boxes_are_relative():
    labels = dict(tube_labels([RED], VIDEO))
    assert list(labels) == [2, 3, 4]
    assert labels[2].detections[0].bounding_box == pytest.approx([11 / 200, 0.2, 0.2, 0.4])
    assert labels[4].detections[0].bounding_box == pytest.approx([13 / 200, 0.2, 0.2, 0.4])


def test_a_box_tells_its_sentence_confidence_and_origin():
    found = [labels.detections[0] for _, labels in tube_labels([RED], VIDEO)]
    assert {box.label for box in found} == {"a red box"}
    assert [box.confidence for box in found] == [0, 0.5, 1]
    assert [box.source for box in found] == ["detected", "tracked", "interpolated"]


def test_keyframes_are_those_that_an_annotator_needs():
    """The box moves at a constant speed: whatever is between its ends is interpolated."""
    found = [labels.detections[0] for _, labels in tube_labels([RED], VIDEO)]
    assert [box.keyframe for box in found] == [True, False, True]


def test_each_query_has_its_index_and_its_instance_on_all_frames():
    labels = dict(tube_labels([RED, BLUE], VIDEO))
    assert [box.index for box in labels[4].detections] == [1, 2]
    by_index = {}
    for detections in labels.values():
        for box in detections.detections:
            by_index.setdefault(box.index, set()).add(box.instance.id)
    assert {index: len(ids) for index, ids in by_index.items()} == {1: 1, 2: 1}
    assert by_index[1] != by_index[2]


def test_the_index_counts_queries_and_not_found_objects():
    labels = tube_labels([UNSEEN, BLUE], VIDEO)
    assert {box.index for _, found in labels for box in found.detections} == {2}


def test_nothing_found_gives_no_frame_labels_but_an_event():
    assert list(tube_labels([UNSEEN], VIDEO)) == []
    assert event_labels([UNSEEN]).detections[0].support == [1, 5]


def test_events_are_inclusive_and_count_from_1():
    red, blue = event_labels([RED, BLUE]).detections
    assert (red.label, red.support, red.confidence) == ("a red box", [2, 4], 0.7)
    assert red.original_support == [2, 4], "what a person changes is known by it"
    assert (blue.label, blue.support, blue.confidence) == ("a blue box", [4, 5], 0.5)


def test_an_event_tells_what_it_was_made_of():
    (event,) = event_labels([RED]).detections
    assert event.atomic_starts == [1, 2]
    assert event.prototype_frames == [2, 4]
    assert event.prototype_weights == [0.75, 0.25]


def test_relevance_is_the_highest_over_the_queries_on_every_frame():
    assert dict(relevance_values([RED, BLUE])) == {1: 0.3, 2: 0.9, 3: 1, 4: 1, 5: 0.9}


def test_queries_are_told_apart_on_every_frame():
    labels = dict(query_labels([RED, BLUE]))
    assert list(labels) == [1, 2, 3, 4, 5]
    read = [(c.label, c.confidence) for c in labels[2].classifications]
    assert read == [("a red box", 0.9), ("a blue box", 0.2)]
