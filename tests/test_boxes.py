"""Tests which boxes of a detector reach the algorithm, and the geometry that everything else uses.

Detectors and label fields contain invalid boxes: outside the frame, inverted, NaN, or duplicates of
the same object. None of them may reach the encoder.
"""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.boxes import BLOCK, Boxes, area, clean, clip, iou_matrix

WIDTH, HEIGHT = 100, 80
ALL = {
    "conf": 0.0,
    "max_boxes": 100,
    "classes": None,
    "duplicate_iou": 1.0,
    "min_side": 0.0,
    "min_area": 0.0,
}


def cleaned(boxes, **limits):
    return clean(boxes, WIDTH, HEIGHT, **{**ALL, **limits})


def boxes_at(*xyxy):
    """Boxes with falling scores .9, .8, ... and labels a, b, ..."""
    return Boxes.of(xyxy, 0.9 - 0.1 * np.arange(len(xyxy)), "abcdefgh"[: len(xyxy)])


def test_one_label_and_one_score_per_box():
    with pytest.raises(ValueError, match="2 labels"):
        Boxes.of([[0, 0, 1, 1]], [0.5], ["a", "b"])
    with pytest.raises(ValueError, match="scores"):
        Boxes.of([[0, 0, 1, 1]], [0.5, 0.6], ["a"])


@pytest.mark.parametrize(
    "odd",
    [
        [np.nan, 0, 10, 10],
        [0, 0, np.inf, 10],
        [50, 0, 10, 10],
        [0, 50, 10, 10],
        [10, 10, 10, 40],
        [200, 10, 300, 40],
        [10, -40, 30, -10],
    ],
    ids=["nan", "infinite", "inverted x", "inverted y", "no width", "right of", "above"],
)
def test_a_box_that_covers_nothing_is_dropped(odd):
    kept = cleaned(boxes_at(odd, [20, 20, 40, 40]))
    assert kept.labels == ("b",)


def test_a_box_without_a_score_is_dropped():
    assert len(cleaned(Boxes.of([[0, 0, 10, 10]], [np.nan], ["a"]))) == 0


def test_a_box_past_the_border_is_cut_to_the_frame():
    kept = cleaned(boxes_at([-5, 70, 20, 95], [90, -3, 120, 10]))
    assert kept.xyxy.tolist() == [[0, 70, 20, 80], [90, 0, 100, 10]]


def test_the_size_of_a_box_is_what_the_frame_shows_of_it():
    assert len(cleaned(boxes_at([-45, 0, 5, 40]), min_side=8)) == 0
    assert len(cleaned(boxes_at([-42, 0, 8, 40]), min_side=8)) == 1


def test_the_smallest_area_is_a_share_of_the_frame():
    box = boxes_at([0, 0, 10, 8])
    assert len(cleaned(box, min_area=0.0099)) == 1
    assert len(cleaned(box, min_area=0.0101)) == 0


def test_a_box_at_the_lowest_score_is_kept():
    boxes = Boxes.of([[0, 0, 20, 20], [40, 0, 60, 20]], [0.5, 0.4999], ["a", "b"])
    assert cleaned(boxes, conf=0.5).labels == ("a",)


def test_only_the_asked_classes_are_kept():
    boxes = boxes_at([0, 0, 20, 20], [30, 0, 50, 20], [60, 0, 80, 20])
    assert cleaned(boxes, classes=["c", "a"]).labels == ("a", "c")
    assert cleaned(boxes, classes=["zebra"]).labels == ()


def test_of_two_boxes_on_one_object_the_better_score_stays_whatever_the_class():
    boxes = Boxes.of([[0, 0, 20, 20], [0, 0, 20, 19]], [0.6, 0.7], ["car", "truck"])
    assert cleaned(boxes, duplicate_iou=0.9).labels == ("truck",)
    assert len(cleaned(boxes, duplicate_iou=0.96)) == 2


def test_a_dropped_box_does_not_drop_its_duplicates():
    boxes = Boxes.of([[0, 0, 20, 20], [0, 0, 20, 20]], [0.9, 0.8], ["car", "truck"])
    assert cleaned(boxes, duplicate_iou=0.5, classes=["truck"]).labels == ("truck",)


def test_the_best_boxes_are_kept_and_duplicates_do_not_count():
    boxes = Boxes.of(
        [[0, 0, 20, 20], [50, 0, 70, 20], [0, 0, 20, 20], [80, 0, 99, 20]],
        [0.5, 0.7, 0.9, 0.4],
        ["a", "b", "c", "d"],
    )
    assert cleaned(boxes, duplicate_iou=0.9, max_boxes=3).labels == ("c", "b", "d")
    assert cleaned(boxes, duplicate_iou=0.9, max_boxes=1).labels == ("c",)


def test_a_frame_without_boxes_stays_one():
    kept = cleaned(Boxes.none(), classes=["a"], conf=0.5)
    assert kept.xyxy.shape == (0, 4)
    assert kept.labels == ()


coordinates = st.one_of(st.integers(-30, 130).map(float), st.sampled_from([np.nan, np.inf]))
detections = st.lists(
    st.tuples(st.tuples(*[coordinates] * 4), st.floats(0, 1), st.sampled_from("abc")), max_size=8
)


@settings(max_examples=60)
@given(detections, st.integers(1, 5), st.floats(0.2, 1), st.floats(0, 1))
def test_kept_boxes_are_few_distinct_and_inside_the_frame(raw, max_boxes, duplicate_iou, conf):
    xyxy, scores, labels = zip(*raw, strict=True) if raw else ([], [], [])
    limits = {"max_boxes": max_boxes, "duplicate_iou": duplicate_iou, "conf": conf}
    kept = cleaned(Boxes.of(xyxy, scores, labels), **limits)
    assert len(kept) <= max_boxes
    assert (kept.scores >= np.float32(conf)).all()
    assert (np.diff(kept.scores) <= 0).all()
    assert (area(kept.xyxy) > 0).all()
    assert np.array_equal(clip(kept.xyxy, WIDTH, HEIGHT), kept.xyxy)
    others = ~np.eye(len(kept), dtype=bool)
    assert (iou_matrix(kept.xyxy, kept.xyxy)[others] <= duplicate_iou + 1e-6).all()
    again = cleaned(kept, **limits)
    assert again.labels == kept.labels
    assert np.array_equal(again.xyxy, kept.xyxy)


@st.composite
def pixel_box(draw):
    x, y = draw(st.integers(0, 8)), draw(st.integers(0, 8))
    return [x, y, x + draw(st.integers(0, 6)), y + draw(st.integers(0, 6))]


def pixels(box):
    x1, y1, x2, y2 = box
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


@settings(max_examples=60)
@given(st.lists(pixel_box(), max_size=3), st.lists(pixel_box(), max_size=3))
def test_iou_counts_shared_pixels_over_all_pixels(a, b):
    iou = iou_matrix(np.reshape(a, (-1, 4)).astype(float), np.reshape(b, (-1, 4)).astype(float))
    assert iou.shape == (len(a), len(b))
    for i, p in enumerate(map(pixels, a)):
        for j, q in enumerate(map(pixels, b)):
            assert iou[i, j] == pytest.approx(len(p & q) / len(p | q) if p | q else 0)


def test_relative_boxes_become_pixels():
    boxes = Boxes.from_relative(
        [[0.1, 0.2, 0.5, 0.5], [0, 0, 1, 1]], ["person", None], [0.4, None], 200, 100
    )
    assert boxes.xyxy.tolist() == [[20, 20, 120, 70], [0, 0, 200, 100]]
    assert boxes.scores.tolist() == [np.float32(0.4), 1]
    assert boxes.labels == ("person", "")


def test_no_relative_boxes_are_no_boxes():
    assert len(Boxes.from_relative([], [], [], 200, 100)) == 0


@pytest.mark.parametrize(
    "box",
    [
        None,
        [],
        [0.1, 0.1, 0.2],
        [0.5, 0.5, -0.2, 0.2],
        [0.5, 0.5, 0, 0.2],
        [float("nan"), 0, 1, 1],
        [0, 0, float("inf"), 1],
    ],
    ids=str,
)
def test_a_box_that_is_none_is_marked_as_odd_and_spares_its_neighbours(box):
    boxes = Boxes.from_relative([box, [0, 0, 0.5, 0.5]], ["odd", "sound"], [None, 0.3], 200, 100)
    assert boxes.odd().tolist() == [True, False]
    assert boxes.xyxy[1].tolist() == [0, 0, 100, 50]


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0, 0.9))
@settings(deadline=None, max_examples=50)
def test_of_duplicates_the_best_stay_however_many_boxes_there_are(seed, most, duplicate_iou):
    rng = np.random.default_rng(seed)
    at = rng.random((2 * BLOCK + 100, 2)) * [WIDTH, HEIGHT] / 2
    boxes = Boxes.of(
        np.concatenate([at, at + 10 + rng.random((len(at), 2)) * 30], axis=1),
        rng.permutation(len(at)) / len(at),
        ["dog"] * len(at),
    )
    expected = []
    for i in np.argsort(-boxes.scores):
        overlaps = iou_matrix(boxes.xyxy[[i]], boxes.xyxy[np.array(expected, int)])
        if len(expected) < most and not (overlaps > duplicate_iou).any():
            expected.append(i)
    kept = cleaned(boxes, max_boxes=most, duplicate_iou=duplicate_iou)
    assert np.array_equal(kept.scores, boxes.scores[expected])


def test_the_memory_for_a_frame_does_not_grow_with_the_square_of_its_boxes():
    at = np.random.default_rng(0).random((20_000, 2)) * [WIDTH, HEIGHT] / 2
    boxes = Boxes.of(np.concatenate([at, at + 20], axis=1), np.ones(len(at)), ["dog"] * len(at))
    tracemalloc.start()
    try:
        assert len(cleaned(boxes, duplicate_iou=0.5)) < 100
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()
