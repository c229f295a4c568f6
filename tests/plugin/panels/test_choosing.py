"""Pins "not this one, that one" in the panel: what is offered in a frame, and what a click does.

In the clip, a red box moves at the top and a blue one stands below; the tube follows the red one,
and its event is all of the ten frames.
"""

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.plugin.panels.picture import name_of

RED, NAME = "a red box", "relevance_timeline"
PLACE = [0.1, 0.6, 0.2, 0.25]
"""Of the blue box."""


@pytest.fixture(scope="module")
def library(new_dataset, tiny_encoder):
    """A grounded video whose tube follows the red box; not changed."""
    dataset = new_dataset(1)
    sample = dataset.first()
    e3m.ground(dataset, RED, boxes_field="gt", encoder=tiny_encoder, progress=False)
    event = sample.reload() or sample.e3m_events.detections[0]
    event.support, event.original_support = [2, 9], [2, 9]
    for number, frame in sample.frames.items():
        found = [box for box in frame.e3m.detections if box] if frame.e3m else []
        for box in found:
            box.bounding_box = [(number - 1) / 20, 0.1, 0.25, 0.3]
    sample.save()
    yield dataset
    dataset.delete()


@pytest.fixture
def dataset(library):
    dataset = library.clone()
    yield dataset
    dataset.delete()


@pytest.fixture
def panel(dataset, open_panel):
    panel = open_panel(NAME, dataset, current_sample=dataset.first().id)
    panel.event("on_click", x=0.4)
    return panel


def drawn(panel):
    """The boxes in the picture as (x, y), with their kind of line."""
    shapes = panel.properties["picture"]["view"]["layout"]["shapes"]
    return [(round(s["x0"], 2), round(s["y0"], 2), s["line"]["dash"]) for s in shapes]


def test_a_frame_shows_the_tube_and_all_candidates(panel):
    assert drawn(panel) == [(0.2, 0.1, "dot"), (0.1, 0.6, "dot"), (0.2, 0.1, "solid")]
    names = [a["text"] for a in panel.properties["picture"]["view"]["layout"]["annotations"]]
    assert names == ["red", "blue"]
    assert "Wrong object? Click the right one" in panel.text
    texts = {text for row in panel.data("picture")[0]["text"] for text in row}
    assert texts == {"", "follow this: red", "follow this: blue"}


def test_two_clicks_correct_the_object(panel, dataset):
    panel.event("on_pick", x=0.2, y=0.7)
    assert panel.toasts == ["The tube is linked anew."]
    panel.carry_out()
    sample = dataset.reload() or dataset.first()
    event = sample.e3m_events.detections[0]
    assert (event.support, event.review) == ([2, 9], "corrected")
    boxes = {n: f.e3m.detections[0] for n, f in sample.frames.items() if f.e3m}
    assert sorted(boxes) == list(range(2, 10))
    assert all(box.bounding_box == pytest.approx(PLACE, abs=0.01) for box in boxes.values())
    assert drawn(panel)[-1] == (0.1, 0.6, "solid")
    assert "its tube was corrected" in panel.text


def test_a_click_beside_all_candidates_does_nothing(panel):
    panel.event("on_pick", x=0.9, y=0.9)
    assert panel.sent == []


def test_outside_the_event_nothing_is_offered(panel):
    panel.event("on_click", x=0.0)
    assert "dot" not in [dash for *_, dash in drawn(panel)]
    panel.event("on_pick", x=0.2, y=0.7)
    assert panel.sent == []
    assert "list" not in panel.properties


def test_the_list_has_the_objects_of_the_frame_by_class_and_time(panel, dataset):
    panel.press("list")
    ((_, prompt),) = panel.sent
    assert prompt["operator_uri"] == "@e3m/video-grounding/correct_tube"
    assert prompt["params"] == {"field": "e3m", "query": RED, "frame": 5}


def test_one_frame_forward_and_back(panel):
    panel.press("forward")
    assert "**Frame 6** " in panel.text
    assert ("@e3m/video-grounding/seek_video", {"frame_number": 6}) in panel.sent
    panel.press("back")
    panel.press("back")
    assert "**Frame 4** " in panel.text
    panel.event("on_click", x=7)
    panel.press("forward")
    assert "**Frame 10** " in panel.text, "the last"


def test_boxes_of_a_detector_are_shown_on_request(new_dataset, open_panel, tiny_encoder, stand_ins):
    """It would take seconds to load at every click."""
    dataset = new_dataset(1)
    e3m.ground(dataset, RED, encoder=tiny_encoder, detector=stand_ins.detector(), progress=False)
    panel = open_panel(NAME, dataset, current_sample=dataset.first().id)
    first, last = dataset.first().e3m_events.detections[0].support
    panel.event("on_click", x=(first + last) / 20 - 0.1)
    assert len(drawn(panel)) <= 1
    panel.press("others")
    assert "rectangles" in panel.text, "it was given as an object, so it cannot be loaded"
    dataset.delete()


def test_what_cannot_be_linked_anew_is_a_toast(panel, dataset):
    panel.event("on_pick", x=0.2, y=0.7)
    sent = list(panel.sent)
    e3m.delete_grounding(dataset)
    panel.sent = sent
    panel.carry_out()
    assert panel.toasts == [
        f"Nothing in '{dataset.name}' has been grounded yet. Run 'Ground videos' first."
    ]


def test_a_candidate_without_a_class_is_an_object():
    from fiftyone_e3m.regrounding import Candidate

    assert [name_of(Candidate(label, PLACE)) for label in ("", "dog")] == ["object", "dog"]
