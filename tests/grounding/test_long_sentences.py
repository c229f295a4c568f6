"""Pins that a sentence too long to be drawn over the picture is still the same one everywhere.

The boxes have a short label and the whole sentence as an attribute; all that compares sentences
uses the latter.
"""

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.handover.reading import read_tubes
from fiftyone_e3m.review.timelines import read_timelines

RED = "a red box that moves to the right above the other one"
BLUE = "a blue box that moves to the right below the other one"
SHORT = "a red box"


@pytest.fixture
def dataset(make, ground):
    dataset = make("good")
    ground(dataset, [RED, BLUE, SHORT])
    dataset.reload()
    return dataset


def boxes(sample, field="e3m"):
    return [
        box
        for frame in sample.frames.values()
        for box in (frame[field] or fo.Detections()).detections
    ]


def test_labels_are_short_and_distinct_and_the_sentence_is_beside_them(dataset):
    found = {
        (box.index, box.label, box.get_attribute_value("sentence", None))
        for box in boxes(dataset.first())
    }
    assert found == {
        (1, "a red box that moves to the", RED),
        (2, "a blue box that moves to the", BLUE),
        (3, SHORT, None),
    }
    events = dataset.first().e3m_events.detections
    assert [(event.index, event.label) for event in events] == [(1, RED), (2, BLUE), (3, SHORT)]


def test_the_app_draws_the_tubes_of_a_run_and_not_its_sentences(dataset):
    assert set(dataset.app_config.active_fields.paths) == {"e3m_events", "frames.e3m"}


def test_each_sentence_has_its_own_tube_in_the_timeline(dataset):
    red, blue, _ = read_timelines(dataset, dataset.first().id, "e3m")
    assert (red.index, blue.index) == (1, 2)
    assert red.boxes[15][1] < 0.2 < blue.boxes[15][1]


def test_it_is_corrected_accepted_evaluated_and_handed_over(dataset):
    sample = dataset.first()
    before = sample.e3m_events.detections[0].support
    done = e3m.correct_event(sample, RED, before[0], before[1] + 2)
    assert done.added == 2
    last = next(box for box in sample.frames[before[1] + 2].e3m.detections if box.index == 1)
    assert (last.label, last.sentence) == ("a red box that moves to the", RED)
    e3m.accept_tubes(dataset)
    again = e3m.accept_tubes(dataset)
    assert not again.accepted, "it is there already"
    results = e3m.evaluate(dataset, gt_field="accepted", eval_key="ev")
    assert {(pair.query, pair.viou) for pair in results.pairs} == {(RED, 1), (BLUE, 1), (SHORT, 1)}
    (video,) = read_tubes(dataset, "accepted")
    assert [tube.sentence for tube in video.tubes] == [RED, BLUE, SHORT]


def test_a_box_that_was_drawn_with_the_label_alone_is_of_that_sentence_too(dataset):
    """The Annotate tab offers the labels of the boxes; it writes no sentence."""
    e3m.accept_tubes(dataset)
    sample = dataset.first()
    last = sample.e3m_events.detections[0].support[1]
    frame = sample.frames[last]
    drawn = [box for box in frame.e3m.detections if box.index == 1]
    new = fo.Detection(label=drawn[0].label, bounding_box=drawn[0].bounding_box)
    others = [box for box in frame.e3m.detections if box.index != 1]
    frame.e3m = fo.Detections(detections=[*others, new])
    sample.save()
    red, _, _ = read_timelines(dataset, sample.id, "e3m")
    assert last in red.boxes
    results = e3m.evaluate(dataset, gt_field="accepted", eval_key="ev")
    assert {(pair.query, pair.viou) for pair in results.pairs} == {(RED, 1), (BLUE, 1), (SHORT, 1)}
    (video,) = read_tubes(dataset, "e3m")
    assert {tube.sentence for tube in video.tubes} == {RED, BLUE, SHORT}
    dataset.delete_sample_fields(["accepted_events", "e3m_events"])
    e3m.evaluate(dataset, gt_field="accepted", eval_key="boxes")
    assert set(dataset.load_evaluation_results("boxes").ypred) == {RED, BLUE, SHORT}


def test_boxes_alone_are_evaluated_by_sentence_too(dataset):
    e3m.accept_tubes(dataset)
    dataset.delete_sample_fields(["accepted_events", "e3m_events"])
    e3m.evaluate(dataset, gt_field="accepted", eval_key="ev")
    assert set(dataset.load_evaluation_results("ev").ypred) == {RED, BLUE, SHORT}
