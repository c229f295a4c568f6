"""Pins that an event lasts while its object is in view: not yet, or no longer, half hidden."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.e3m import Tracks
from fiftyone_e3m.e3m.trimming import trim_partial

SIZE = (100, 80)


# Objects that come and go at the frame's edge


def trimmed(boxes, first=0, last=None, picks=None):
    """Of one track with these boxes (T, 4), picked everywhere unless `picks` says otherwise."""
    box = np.array([boxes], np.float32)
    shape = box.shape[:2]
    tracks = Tracks(box, np.ones(shape, np.int8), np.ones(shape, np.float32), ("thing",))
    picks = np.zeros(shape[1], int) if picks is None else np.array(picks)
    last = shape[1] - 1 if last is None else last
    return trim_partial(first, last, picks, tracks, SIZE)


def at(x1, x2, y1=20, y2=60):
    return [x1, y1, x2, y2]


ENTERS = [at(0, 4), at(0, 9), at(0, 12), at(5, 25), at(10, 30), at(15, 35)]
LEAVES = [[100 - x2, y1, 100 - x1, y2] for x1, y1, x2, y2 in ENTERS[::-1]]
LOWERED = [at(40, 60, 0, 5), at(40, 60, 0, 19), *[at(40, 60, 20, 60)] * 3]
RAISED = [at(40, 60, 75, 80), at(40, 60, 61, 80), *[at(40, 60, 20, 60)] * 3]


@pytest.mark.parametrize(
    ("boxes", "span"),
    [
        (ENTERS, (2, 5)),
        (LEAVES, (0, 3)),
        (ENTERS + LEAVES, (2, 9)),
        (LOWERED, (2, 4)),
        (RAISED, (2, 4)),
    ],
    ids=["from the left", "to the right", "both", "from above", "from below"],
)
def test_an_event_has_not_begun_while_half_of_its_object_is_out_of_view(boxes, span):
    assert trimmed(boxes) == span


def test_a_small_box_that_does_not_touch_the_edge_stays():
    assert trimmed([at(40, 44), at(40, 45), *[at(40, 60)] * 4]) == (0, 5)


def test_a_box_is_small_only_along_the_side_that_touches():
    flat = at(0, 20, 20, 30)  # touches the left edge, where it is as wide as ever
    assert trimmed([flat, *[at(30, 50)] * 4]) == (0, 4)


def test_a_frame_in_the_middle_is_not_cut_out():
    assert trimmed([at(40, 60), at(40, 60), at(0, 4), at(40, 60), at(40, 60)]) == (0, 4)


def test_an_object_that_always_touches_the_edge_stays():
    assert trimmed([at(0, 20)] * 5) == (0, 4)
    assert trimmed([[0, 0, *SIZE]] * 5) == (0, 4)


def test_an_object_that_never_leaves_the_edge_may_still_enter():
    assert trimmed([at(0, 4), at(0, 8), *[at(0, 20)] * 6]) == (2, 7)


def test_it_never_trims_everything():
    wide, high = [0, 0, 40, 4], [0, 0, 4, 40]
    assert trimmed([wide, wide, high, high]) == (0, 3)


def test_only_the_event_counts():
    assert trimmed(ENTERS + LEAVES, first=3, last=8) == (3, 8)
    assert trimmed(ENTERS + LEAVES, first=1, last=8) == (2, 8)


def test_two_picks_are_too_few_to_know_the_usual_size():
    assert trimmed([at(0, 4), at(40, 60)]) == (0, 1)
    assert trimmed(ENTERS, picks=[0, -1, -1, -1, -1, 0]) == (0, 5)
    assert trimmed(ENTERS, picks=[-1] * 6) == (0, 5)


def test_frames_without_a_pick_stay_unless_an_object_enters_after_them():
    whole = [at(30, 50)] * 6
    assert trimmed(whole, picks=[-1, -1, 0, 0, 0, -1]) == (0, 5)
    assert trimmed(ENTERS, picks=[-1, 0, 0, 0, 0, -1]) == (2, 5)


corners = st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(1, 9)] * 2)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(corners, st.booleans()), min_size=1, max_size=10), st.data())
def test_what_is_left_lies_inside_the_event(frames, data):
    boxes = [[10 * x, 8 * y, 10 * min(x + w, 10), 8 * min(y + h, 10)] for (x, y, w, h), _ in frames]
    picks = [0 if picked else -1 for _, picked in frames]
    first = data.draw(st.integers(0, len(frames) - 1))
    last = data.draw(st.integers(first, len(frames) - 1))
    start, end = trimmed(boxes, first, last, picks)
    assert first <= start <= end <= last
    if start > first:
        assert picks[start] == 0
    if end < last:
        assert picks[end] == 0
