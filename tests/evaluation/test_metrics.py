"""Pins the numbers of a paper's table: tIoU, vIoU and their means, by hand and by recount.

Two conventions for the last frame are in use and differ by a few percent, so both are pinned.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.evaluation.metrics import TimedBoxes, above, summarise, tiou, viou

BOX = (0, 0, 10, 10)
HALF = (0, 0, 10, 5)


def tube(first, last, box=BOX):
    """A tube with the same box in every frame, including the frame `last`."""
    return TimedBoxes(first, last, dict.fromkeys(range(first, last + 1), box))


@pytest.mark.parametrize(
    ("ends", "expected"), [("inclusive", 6 / 15), ("half_open", 5 / 14)], ids=["inclusive", "open"]
)
def test_tiou_by_hand(ends, expected):
    assert tiou(tube(0, 10), tube(5, 14), ends) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [("inclusive", 6 * 0.5 / 15), ("half_open", 5 * 0.5 / 14)],
    ids=["inclusive", "open"],
)
def test_viou_by_hand(ends, expected):
    assert viou(tube(0, 10), tube(5, 14, HALF), ends) == pytest.approx(expected)


def test_events_that_only_touch_share_one_frame_or_none():
    assert tiou(tube(0, 4), tube(4, 8), "inclusive") == pytest.approx(1 / 9)
    assert tiou(tube(0, 4), tube(4, 8), "half_open") == 0
    assert viou(tube(0, 4), tube(4, 8), "half_open") == 0


@pytest.mark.parametrize("ends", ["inclusive", "half_open"])
def test_disjoint_events_score_zero(ends):
    assert tiou(tube(0, 3), tube(10, 20), ends) == 0
    assert viou(tube(0, 3), tube(10, 20), ends) == 0


@pytest.mark.parametrize("ends", ["inclusive", "half_open"])
def test_a_perfect_answer_scores_one(ends):
    assert tiou(tube(3, 9), tube(3, 9), ends) == 1
    assert viou(tube(3, 9), tube(3, 9), ends) == pytest.approx(1)


def test_a_shared_frame_without_a_box_counts_zero():
    partly = TimedBoxes(0, 3, {0: BOX, 1: BOX})
    assert viou(partly, tube(0, 3)) == pytest.approx(0.5)
    assert viou(TimedBoxes(0, 3, {}), tube(0, 3)) == 0


def test_boxes_outside_the_event_are_ignored():
    chatty = TimedBoxes(2, 3, dict.fromkeys(range(10), BOX))
    assert viou(chatty, tube(0, 9)) == pytest.approx(0.2)


def test_an_empty_event_scores_zero():
    empty = TimedBoxes(3, 3, {3: BOX})
    assert tiou(empty, empty, "half_open") == 0
    assert viou(empty, empty, "half_open") == 0
    assert tiou(TimedBoxes(0, -1, {}), tube(0, 4)) == 0


def test_a_viou_on_the_threshold_is_not_above_it():
    scores = summarise([1, 1, 1, 1], [0.3, 0.31, 0.5, 0.51])
    assert scores.viou_at == (0.75, 0.25)


@pytest.mark.parametrize(("threshold", "n_above"), [(0.3, (0, 0)), (0.5, (1, 0))])
def test_a_viou_that_is_exactly_a_threshold_is_not_above_it_after_rounding(threshold, n_above):
    true = tube(1, 1, (0.1, 0.1, 0.2, 0.7))
    score = viou(tube(1, 1, (0.1, 0.1, 0.2, 0.1 + 0.6 * threshold)), true)
    assert score > threshold, "exactly the threshold, but floating-point numbers exceed it"
    assert not above(score, threshold)
    assert summarise([1.0], [score]).viou_at == n_above


def test_a_viou_just_above_a_threshold_counts():
    assert summarise([1.0], [0.5 + 1e-6]).viou_at == (1, 1)


def test_means_over_pairs():
    scores = summarise([1.0, 0.5, 0.0], [0.6, 0.3, 0.0])
    assert scores.n == 3
    assert scores.m_tiou == pytest.approx(0.5)
    assert scores.m_viou == pytest.approx(0.3)
    assert str(scores) == "m_tIoU 0.500  m_vIoU 0.300  vIoU@0.3 0.333  vIoU@0.5 0.333  (3 pairs)"


@pytest.mark.parametrize(("tious", "vious"), [([], []), ([1.0], []), ([1.0], [0.5, 0.5])])
def test_means_need_whole_pairs(tious, vious):
    with pytest.raises(ValueError, match="one tIoU per vIoU"):
        summarise(tious, vious)


@st.composite
def random_tube(draw):
    first, length = draw(st.integers(0, 8)), draw(st.integers(0, 6))
    boxes = {}
    for t in draw(st.sets(st.integers(0, 14))):
        x, y = draw(st.integers(0, 5)), draw(st.integers(0, 5))
        boxes[t] = (x, y, x + draw(st.integers(0, 5)), y + draw(st.integers(0, 5)))
    return TimedBoxes(first, first + length, boxes)


def voxels(tube, frames):
    """The pixels of the tube in each of the frames."""
    found = {t: set() for t in frames}
    for t in frames & set(tube.boxes):
        x1, y1, x2, y2 = tube.boxes[t]
        found[t] = {(x, y) for x in range(x1, x2) for y in range(y1, y2)}
    return found


def recount(a, b, ends):
    """TIoU and vIoU from sets of frames and of pixels."""
    stop = 1 if ends == "inclusive" else 0
    in_a, in_b = (set(range(t.first, t.last + stop)) for t in (a, b))
    union = len(in_a | in_b)
    if not union:
        return 0, 0
    p, q = voxels(a, in_a), voxels(b, in_b)
    ious = [len(p[t] & q[t]) / len(p[t] | q[t]) for t in in_a & in_b if p[t] | q[t]]
    return len(in_a & in_b) / union, sum(ious) / union


@settings(max_examples=100, deadline=None)
@given(random_tube(), random_tube(), st.sampled_from(["inclusive", "half_open"]))
def test_both_metrics_equal_a_recount_of_frames_and_pixels(a, b, ends):
    t, v = recount(a, b, ends)
    assert tiou(a, b, ends) == pytest.approx(t)
    assert viou(a, b, ends) == pytest.approx(v)


@settings(max_examples=50, deadline=None)
@given(random_tube(), random_tube(), st.sampled_from(["inclusive", "half_open"]))
def test_neither_side_nor_resolution_matters(a, b, ends):
    assert tiou(a, b, ends) == tiou(b, a, ends)
    assert viou(a, b, ends) == pytest.approx(viou(b, a, ends))
    double = [
        TimedBoxes(x.first, x.last, {t: 2 * np.array(box) for t, box in x.boxes.items()})
        for x in (a, b)
    ]
    assert viou(*double, ends) == pytest.approx(viou(a, b, ends))
    assert viou(a, b, ends) <= tiou(a, b, ends) + 1e-9
