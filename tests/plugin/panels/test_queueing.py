"""Pins the review in the panel: accept, reject, take back, and what comes next.

Two videos: the first has two sentences of the confidences .3 and .2, the second one of .1.
"""

import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.states import read_states

RED, BLUE, NAME = "a red box", "a blue box", "relevance_timeline"
SEEK = "@e3m/video-grounding/seek_video"


@pytest.fixture(scope="module")
def library(new_dataset, tiny_encoder):
    dataset = new_dataset(2)
    dataset.set_values("asked", [[RED, BLUE], [RED]])
    e3m.ground(dataset, query_field="asked", boxes_field="gt", encoder=tiny_encoder, progress=False)
    for sample, sure in zip(dataset, ((0.3, 0.2), (0.1,)), strict=True):
        for first, (event, confidence) in enumerate(
            zip(sample.e3m_events.detections, sure, strict=True), 2
        ):
            event.support, event.confidence = [first, 8], confidence
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
    """The panel beside the first video."""
    return open_panel(NAME, dataset, current_sample=dataset.first().id)


def states(dataset):
    dataset.reload()
    return read_states(dataset, "e3m_events")


def test_a_sentence_is_accepted_by_one_click(panel, dataset):
    panel.press("accept")
    panel.carry_out()
    assert states(dataset) == [["accepted", "to review"], ["to review"]]
    assert dataset.values("accepted_events.detections.label") == [[RED], None]
    assert panel.chosen("query") == RED, "the sentence that was judged stays"
    assert "**accepted**" in panel.text
    assert "accept" not in panel.properties


def test_or_rejected_and_taken_back(panel, dataset):
    panel.click_row(1)
    panel.press("reject")
    panel.carry_out()
    assert states(dataset)[0] == ["to review", "rejected"]
    assert "**rejected**" in panel.text
    assert "reject" not in panel.properties
    panel.press("reopen")
    panel.carry_out()
    assert states(dataset)[0] == ["to review", "to review"]


def test_a_sentence_that_the_ground_truth_has_is_replaced_in_the_form(panel, dataset):
    e3m.accept_tubes(dataset, queries=RED)
    e3m.correct_event(dataset.first(), RED, last=7)
    panel.event("on_refresh")
    panel.click_row(0)
    panel.press("accept")
    panel.carry_out()
    assert "already has this sentence; it was not changed" in panel.toasts[0]
    prompt = dict(panel.sent)["prompt_user_for_operation"]
    assert prompt["params"] == {"field": "e3m", "queries": [RED]}
    assert not prompt["skip_prompt"]


def test_keys_press_the_buttons(panel):
    keys = {
        name: panel.properties[name]["view"]["componentsProps"]["button"]["data-e3m-key"]
        for name in ("accept", "reject", "next")
    }
    assert keys == {"accept": "KeyA", "reject": "KeyR", "next": "KeyN"}


def test_the_next_sentence_of_the_video_is_shown_at_its_first_frame(panel, dataset):
    panel.click_row(1)
    panel.press("next")
    assert panel.chosen("query") == RED
    assert "**Frame 2** " in panel.text
    assert dict(panel.sent)[SEEK] == {"frame_number": 2, "sample_id": dataset.first().id}


def test_the_next_sentence_of_another_video_opens_it(panel, dataset):
    last = dataset.last().id
    panel.click_row(0)
    panel.press("next")
    assert dict(panel.sent)["open_sample"]["id"] == last
    panel.request["current_sample"] = last
    panel.event("on_change_current_sample")
    assert panel.chosen("query") == RED
    assert "**Frame 2** " in panel.text
    panel.request["current_sample"] = dataset.first().id
    panel.event("on_change_current_sample")
    assert "picture" not in panel.properties, "a video that was opened by hand starts anew"


def test_a_second_span_of_the_sentence_is_offered(panel, dataset):
    assert "other_span" not in panel.properties
    sample = dataset.first()
    sample.e3m_events.detections[0].support = [1, 3]
    for number, frame in sample.frames.items():
        fit = 0.2 if number == 4 else 0.9
        (red, blue) = frame.e3m_queries.classifications
        red.confidence, blue.confidence = fit, 0.1
    sample.save()
    panel.event("on_refresh")
    panel.click_row(0)
    assert panel.properties["other_span"]["view"]["label"] == "Rather at 0.4 - 1.0 s?"
    panel.press("other_span")
    prompt = dict(panel.sent)["prompt_user_for_operation"]
    assert prompt["operator_uri"] == "@e3m/video-grounding/correct_event"
    assert (prompt["params"]["first"], prompt["params"]["last"]) == (5, 10)


def test_when_all_are_judged_it_says_so(panel, dataset):
    e3m.accept_tubes(dataset)
    panel.press("next")
    assert panel.toasts == ["No other sentence is to be reviewed."]


def test_only_what_the_view_shows_comes_next(dataset, open_panel):
    view = dataset.limit(1)._serialize()
    panel = open_panel(NAME, dataset, view=view, current_sample=dataset.first().id)
    panel.click_row(0)
    panel.press("next")
    assert panel.chosen("query") == BLUE


def test_the_object_can_be_looked_for_where_an_event_has_no_boxes(panel, dataset):
    assert "find" not in panel.properties
    sample = dataset.first()
    e3m.correct_event(sample, RED, last=9)
    sample.frames[9].e3m = None
    sample.save()
    panel.event("on_refresh")
    panel.click_row(0)
    panel.press("find")
    panel.carry_out()
    dataset.reload()
    assert RED in [box.label for box in dataset.first().frames[9].e3m.detections]
    assert "find" not in panel.properties
