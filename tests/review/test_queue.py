"""Pins the state of each sentence in a review: what sets it, and which sentence comes next.

Every sentence has the confidence .5 unless a test says otherwise, so the order is that of the
dataset.
"""

from itertools import product

import fiftyone as fo
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.states import STATES, event_state, is_in, read_states
from fiftyone_e3m.review.queue import next_in_queue

MAN, DOG = "a man", "a dog"


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    """Two videos with two sentences and one."""
    new_grounding(dataset)
    ground_video(dataset, "/a.mp4", {MAN: (5, 6), DOG: (6, 8)})
    ground_video(dataset, "/b.mp4", {MAN: (2, 3)})
    return dataset


def states(dataset):
    return read_states(dataset, "e3m_events")


def in_state(dataset, state):
    """The sentences in a state, by FiftyOne's own filter."""
    view = dataset.filter_labels("e3m_events", is_in(state))
    return view.values("e3m_events.detections.label", unwind=True)


def test_a_sentence_is_accepted_corrected_or_rejected(grounded):
    first, last = grounded.first(), grounded.last()
    assert states(grounded) == [["to review"] * 2, ["to review"]]
    e3m.accept_tubes(grounded, queries=DOG)
    e3m.correct_event(first, MAN, last=7)
    e3m.reject_tube(last, MAN)
    assert states(grounded) == [["corrected", "accepted"], ["rejected"]]
    found = {state: in_state(grounded, state) for state in ("corrected", "accepted", "rejected")}
    assert found == {"corrected": [MAN], "accepted": [DOG], "rejected": [MAN]}
    assert in_state(grounded, "to review") == []
    assert grounded.count("frames.e3m.detections") == 3 + 3 + 2, "what is rejected is kept"
    assert event_state(last.e3m_events.detections[0]) == "rejected", "the sample is up to date"


def test_what_was_judged_can_be_taken_back(grounded):
    first, last = grounded.first(), grounded.last()
    e3m.reject_tube(last, MAN)
    e3m.reopen_tube(last, MAN)
    e3m.correct_event(first, MAN, last=7)
    e3m.restore_event(first, MAN)
    assert states(grounded) == [["to review"] * 2, ["to review"]]
    assert in_state(grounded, "to review") == [MAN, DOG, MAN]


def test_an_accepted_sentence_that_is_corrected_is_to_be_accepted_again(grounded):
    first = grounded.first()
    e3m.accept_tubes(grounded, queries=MAN)
    e3m.correct_event(first, MAN, last=7)
    assert states(grounded)[0] == ["corrected", "to review"]
    (kept, *_) = e3m.accept_tubes(grounded.limit(1), queries=MAN).left
    assert "already has this sentence; it was not changed" in kept.reason
    assert states(grounded)[0][0] == "corrected"
    e3m.accept_tubes(grounded.limit(1), queries=MAN, overwrite=True)
    assert states(grounded)[0][0] == "accepted"
    (event,) = grounded.first().accepted_events.detections
    assert event.support == [5, 7]
    boxes = {n: f.accepted for n, f in grounded.first().frames.items() if f.accepted}
    assert {n: len(at.detections) for n, at in boxes.items()} == {5: 1, 6: 1, 7: 1}


@pytest.mark.parametrize("judge", [e3m.reject_tube, e3m.reopen_tube])
def test_an_accepted_copy_is_taken_back_with_the_judgement(grounded, judge):
    e3m.accept_tubes(grounded)
    verdict = judge(grounded.first(), MAN)
    assert verdict.headline.endswith(". Its copy in 'accepted' was removed.")
    path = "frames.accepted.detections.label"
    assert grounded.values(path, unwind=True).count(MAN) == 2, "that of the other video"
    assert grounded.values("accepted_events.detections.label") == [[DOG], [MAN]]
    assert grounded.first().frames[5].accepted is None
    assert grounded.count("frames.e3m.detections") == 2 + 3 + 2
    assert e3m.accept_tubes(grounded.limit(1), queries=MAN).left == []


@pytest.mark.parametrize("edit", [{"bounding_box": [0, 0, 0.5, 0.5]}, {"occluded": True}], ids=str)
def test_unless_somebody_edited_it(grounded, content, edit):
    e3m.accept_tubes(grounded)
    sample = grounded.first()
    for name, value in edit.items():
        sample.frames[5].accepted.detections[0][name] = value
    sample.save()
    before = content(grounded, "frames.accepted"), content(grounded, "accepted_events")
    verdict = e3m.reject_tube(sample, MAN)
    assert "'accepted' keeps its tube of this sentence" in verdict.headline
    assert (content(grounded, "frames.accepted"), content(grounded, "accepted_events")) == before
    assert states(grounded)[0][0] == "rejected"


def test_accepting_all_leaves_out_what_was_rejected(grounded):
    e3m.reject_tube(grounded.first(), DOG)
    report = e3m.accept_tubes(grounded)
    assert [(tube.query, tube.reason) for tube in report.left] == [(DOG, "It was rejected.")]
    e3m.accept_tubes(grounded, queries=DOG)
    assert states(grounded)[0] == ["accepted", "accepted"], "whoever names it means it"


def test_events_that_an_earlier_version_corrected_count_as_corrected(grounded):
    e3m.correct_event(grounded.first(), MAN, last=7)
    sample = grounded.first()
    sample.e3m_events.detections[0].clear_field("review")
    sample.save()
    assert states(grounded)[0] == ["corrected", "to review"]
    assert in_state(grounded, "corrected") == [MAN]
    assert in_state(grounded, "to review") == [DOG, MAN]


def test_the_filter_of_a_state_finds_what_is_in_it(dataset, new_grounding, ground_video):
    new_grounding(dataset)
    marks = list(product((*STATES, "other", None), (True, False, None)))
    sample = ground_video(dataset, "/a.mp4", {f"a man {n}": (5, 6) for n in range(len(marks))})
    for event, (review, corrected) in zip(sample.e3m_events.detections, marks, strict=True):
        if review is not None:
            event["review"] = review
        if corrected is not None:
            event["corrected"] = corrected
    sample.save()
    expected = {state: [] for state in STATES}
    for event in dataset.first().e3m_events.detections:
        expected[event_state(event)].append(event.label)
    assert {state: in_state(dataset, state) for state in STATES} == expected


def test_the_next_is_the_least_confident_that_nobody_judged(grounded):
    first, last = grounded.first(), grounded.last()
    first.e3m_events.detections[1].confidence = 0.2
    first.save()

    def following(sample=None, query=None):
        found = next_in_queue(grounded, "e3m", sample and sample.id, query)
        return found and (found.sample_id, found.query, found.first)

    assert following() == (first.id, DOG, 6)
    assert following(first, DOG) == (first.id, MAN, 5)
    assert following(first, MAN) == (last.id, MAN, 2)
    assert following(last, MAN) == (first.id, DOG, 6), "it begins again"
    e3m.reject_tube(first, DOG)
    e3m.accept_tubes(grounded.limit(1), queries=MAN)
    assert following(last, MAN) is None, "nothing else is left"
    assert following(first, MAN) == (last.id, MAN, 2)


@given(
    st.lists(
        st.lists(st.sampled_from([None, 0.0, 0.3, 0.5, 0.7]), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_the_queue_goes_once_round_all_events_the_least_confident_first(dataset, confidences):
    dataset.clear()
    for path, row in enumerate(confidences):
        events = [
            fo.TemporalDetection(label=str(n), support=[1, 2], confidence=c)
            for n, c in enumerate(row)
        ]
        sample = fo.Sample(filepath=f"{path}.mp4")
        sample["e3m_events"] = fo.TemporalDetections(detections=events)
        dataset.add_sample(sample)
    numbers = {sample_id: number for number, sample_id in enumerate(dataset.values("id"))}
    places = [(number, n) for number, row in enumerate(confidences) for n in range(len(row))]
    places.sort(key=lambda place: confidences[place[0]][place[1]] or 0.0)
    here, seen = None, []
    for _ in places:
        here = next_in_queue(dataset, "e3m", *((here and (here.sample_id, here.query)) or ()))
        seen.append((numbers[here.sample_id], int(here.query)))
        if len(places) == 1:
            break
    assert seen == places
    around = next_in_queue(dataset, "e3m", here.sample_id, here.query)
    assert (around and around.query) == (str(places[0][1]) if len(places) > 1 else None)


def test_what_has_no_event_cannot_be_judged(grounded):
    for judge in (e3m.reject_tube, e3m.reopen_tube):
        with pytest.raises(e3m.GroundingError, match="no event for 'a cat'"):
            judge(grounded.first(), "a cat")
