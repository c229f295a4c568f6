"""Pins the source of the boxes in the new frames of an event."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.boxes import iou_matrix
from fiftyone_e3m.review.extending import SAME_OBJECT, extend

HERE, NEAR, FAR = ([x, 0.0, 4.0, 4.0] for x in (0.0, 1.0, 20.0))


def boxes(**by_frame):
    return {int(name[1:]): np.array(value, float) for name, value in by_frame.items()}


def filled(known, candidates, first, last):
    found = extend(known, candidates, first, last)
    return {n: (box.tolist(), seen) for n, (box, seen) in found.items()}


def test_the_overlapping_candidate_is_taken_else_the_last_box_is_repeated():
    candidates = boxes(f5=[FAR, NEAR], f6=[FAR], f7=[[2, 0, 4, 4]])
    assert filled(boxes(f4=HERE), candidates, 4, 8) == {
        5: (NEAR, True),
        6: (NEAR, False),
        7: ([2, 0, 4, 4], True),
        8: ([2, 0, 4, 4], False),
    }


def test_backward_from_the_start():
    candidates = boxes(f3=[NEAR], f2=[FAR], f1=[[2, 0, 4, 4]])
    assert filled(boxes(f4=HERE), candidates, 2, 4) == {2: (NEAR, False), 3: (NEAR, True)}


def test_of_several_candidates_the_best_overlap_wins():
    candidates = boxes(f2=[NEAR, [0.5, 0, 4, 4], [2, 0, 4, 4]])
    assert filled(boxes(f1=HERE), candidates, 1, 2) == {2: ([0.5, 0, 4, 4], True)}


def test_the_threshold_belongs_to_the_same_object():
    known = boxes(f1=[0, 0, 3, 1])
    assert SAME_OBJECT == 3 / 10
    assert filled(known, boxes(f2=[[0, 0, 10, 1]]), 1, 2) == {2: ([0, 0, 10, 1], True)}
    assert filled(known, boxes(f2=[[0, 0, 10.1, 1]]), 1, 2) == {2: ([0, 0, 3, 1], False)}


def test_a_gap_is_followed_forward_and_frames_on_the_way_out_are_not_returned():
    known = boxes(f1=HERE, f4=FAR)
    assert filled(known, boxes(f2=[NEAR], f5=[HERE]), 1, 4) == {2: (NEAR, True), 3: (NEAR, False)}
    assert filled(known, boxes(f6=[[21, 0, 4, 4]]), 7, 7) == {7: ([21, 0, 4, 4], False)}


def test_odd_candidates_are_passed_over():
    nan = float("nan")
    assert filled(boxes(f1=HERE), boxes(f2=[[nan] * 4, NEAR]), 1, 2) == {2: (NEAR, True)}
    assert extend({}, boxes(f2=[HERE]), 1, 3) == {}


box = st.tuples(*[st.integers(0, 6)] * 2, *[st.integers(1, 6)] * 2).map(
    lambda b: np.array(b, float)
)
frame = st.integers(1, 12)


@given(
    st.dictionaries(frame, box, min_size=1),
    st.dictionaries(frame, st.lists(box, min_size=1, max_size=3).map(np.stack)),
    frame,
    frame,
)
def test_every_frame_is_filled_once_from_its_neighbour_or_a_candidate(known, candidates, a, b):
    first, last = min(a, b), max(a, b)
    found = extend(known, candidates, first, last)
    assert list(found) == [n for n in range(first, last + 1) if n not in known]
    whole = {**{n: box for n, (box, _) in extend(known, candidates, 1, 12).items()}, **known}
    for n, (chosen, seen) in found.items():
        neighbour = whole[n + 1 if n < min(known) else n - 1]
        if seen:
            assert any((chosen == option).all() for option in candidates[n])
            corners = [np.concatenate([b[:2], b[:2] + b[2:]])[None] for b in (chosen, neighbour)]
            assert iou_matrix(*corners)[0, 0] >= SAME_OBJECT
        else:
            assert (chosen == neighbour).all()
