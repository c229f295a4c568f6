"""Tests where events end: where relevance changes, within the shot, with the object in view."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.e3m import Tracks
from fiftyone_e3m.e3m.borders import refine, trim_partial

SIZE = (100, 80)


def refined(first, last, relevance, beta=0.5, shot=None):
    shot = np.zeros(len(relevance), int) if shot is None else np.array(shot)
    return refine(first, last, np.array(relevance, float), shot, beta)


# Ends where the relevance changes


def test_an_end_moves_inwards_over_frames_that_do_not_belong():
    assert refined(1, 6, [0, 0.1, 0.2, 1, 1, 0.1, 0.1, 0]) == (3, 4)


def test_an_end_moves_outwards_over_frames_that_belong():
    assert refined(2, 3, [0.1, 0.8, 1, 1, 0.9, 0.6, 0.4]) == (1, 5)


def test_each_end_moves_in_its_own_direction():
    assert refined(1, 4, [0, 0.1, 1, 1, 1, 0.9, 0.1]) == (2, 5)


def test_outwards_stops_at_the_first_frame_that_does_not_belong():
    assert refined(2, 2, [0.9, 0.1, 1, 0.1, 0.9]) == (2, 2)


def test_a_dip_inside_the_event_stays():
    assert refined(0, 4, [1, 1, 0, 1, 1]) == (0, 4)


def test_a_frame_on_the_threshold_does_not_belong():
    assert refined(1, 1, [0.5, 1, 0.5]) == (1, 1)


def test_an_event_in_which_nothing_belongs_stays():
    assert refined(1, 2, [1, 0, 0, 1]) == (1, 2)
    assert refined(1, 2, [1, 0.5, 0.5, 1], beta=1) == (1, 2)


def test_it_ends_with_the_video():
    assert refined(1, 2, [1, 1, 1, 1]) == (0, 3)
    assert refined(0, 0, [1]) == (0, 0)


def test_an_end_at_a_cut_or_at_an_end_of_the_video_stays():
    assert refined(0, 3, [0.1, 1, 1, 0.1, 0]) == (0, 2)
    assert refined(1, 4, [0, 0.1, 1, 1, 0.1]) == (2, 4)
    assert refined(1, 4, [0, 0.1, 1, 1, 0.1, 0], shot=[0, 1, 1, 1, 1, 2]) == (1, 4)


def test_it_ends_with_its_shot():
    assert refined(2, 3, [1] * 6, shot=[0, 1, 1, 1, 1, 2]) == (1, 4)
    assert refined(2, 3, [1] * 6, shot=[0, 0, 1, 1, 2, 2]) == (2, 3)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 15), st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.data())
def test_both_ends_are_those_of_the_definition(n, beta, data):
    relevance = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))) / 4
    shot = np.cumsum(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    first = data.draw(st.integers(0, n - 1))
    last = data.draw(st.integers(first, int(np.flatnonzero(shot == shot[first])[-1])))
    start, end = refine(first, last, relevance, shot, beta)
    assert start <= end
    assert shot[start] == shot[end] == shot[first]
    belongs = relevance > beta * relevance[first : last + 1].mean()
    if not belongs[first : last + 1].any():
        assert (start, end) == (first, last)
        return
    opens = first == 0 or shot[first - 1] != shot[first]
    closes = last == n - 1 or shot[last + 1] != shot[last]
    assert belongs[start] or (opens and start == first)
    assert belongs[end] or (closes and end == last)
    assert not belongs[first:start].any()
    assert not belongs[end + 1 : last + 1].any()
    assert belongs[start:first].all()
    assert belongs[last + 1 : end + 1].all()
    if start <= first and start > 0 and shot[start - 1] == shot[start]:
        assert not belongs[start - 1]
    if end >= last and end + 1 < n and shot[end + 1] == shot[end]:
        assert not belongs[end + 1]


# Objects that enter and leave at the frame's edge


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
