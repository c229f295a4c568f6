"""Pins what annotators rely on: few keyframes that restore the whole tube within the tolerance.

Tests exact small cases, properties for any tube, and that no smaller set exists (by brute force).
"""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fiftyone_e3m.keyframes import interpolate, paired_iou, segments, thin

SLACK = 1e-8


def moving(*corners):
    """Boxes of 10 x 20 with the given left edges."""
    return np.array([[x, 0, x + 10, 20] for x in corners], float)


@st.composite
def tubes(draw, longest=30):
    """Frame numbers with gaps, and boxes that move randomly by up to a third of their size."""
    n = draw(st.integers(1, longest))
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 1, 2, 5]), min_size=n, max_size=n))
    jumps = draw(hnp.arrays(float, (n, 2), elements=st.floats(-4, 4)))
    sizes = draw(hnp.arrays(float, (n, 2), elements=st.floats(8, 12)))
    corner = np.cumsum(jumps, axis=0)
    return np.cumsum(gaps), np.concatenate([corner, corner + sizes], axis=1)


def smallest_iou(frames, boxes, keys):
    return paired_iou(interpolate(frames, boxes, keys), boxes).min()


def n_fewest(boxes, tolerance):
    """Size of the smallest keyframe set of a tube without gaps, by brute force."""
    frames = np.arange(len(boxes))
    for n in range(len(boxes) - 1):
        for inner in itertools.combinations(range(1, len(boxes) - 1), n):
            keys = np.isin(frames, [0, *inner, len(boxes) - 1])
            if smallest_iou(frames, boxes, keys) >= tolerance - SLACK:
                return keys.sum()
    return len(boxes)


# Exact cases


def test_of_a_steady_motion_only_the_ends_are_keyframes_even_at_full_tolerance():
    keys = thin(range(1, 41), moving(*np.linspace(0, 77.7, 40)), tolerance=1.0)
    assert np.flatnonzero(keys).tolist() == [0, 39]


def test_a_turn_is_a_keyframe():
    keys = thin(range(7), moving(0, 5, 10, 15, 10, 5, 0), tolerance=1.0)
    assert np.flatnonzero(keys).tolist() == [0, 3, 6]


def test_a_growing_box_is_a_motion_like_any_other():
    boxes = [[10 - i, 20 - 2 * i, 30 + i, 40 + 3 * i] for i in range(6)]
    assert np.flatnonzero(thin(range(6), boxes, tolerance=1.0)).tolist() == [0, 5]


def test_a_small_deviation_is_a_keyframe_only_if_the_tolerance_says_so():
    boxes = moving(0, 0, 1, 0, 0)  # IoU 200 / 220 x 0.9 of the third with a line through the others
    assert np.flatnonzero(thin(range(5), boxes, tolerance=0.8)).tolist() == [0, 4]
    assert 2 in np.flatnonzero(thin(range(5), boxes, tolerance=0.9))


def test_nothing_is_interpolated_across_a_gap():
    keys = thin([1, 2, 3, 7, 8, 9, 20], moving(0, 0, 0, 0, 0, 0, 0))
    assert np.flatnonzero(keys).tolist() == [0, 2, 3, 5, 6]


def test_a_box_without_an_area_is_a_keyframe():
    boxes = moving(0, 0, 0, 0, 0)
    boxes[2, 2] = boxes[2, 0]
    assert thin(range(5), boxes)[2]


def test_a_long_calm_tube_has_few_keyframes():
    frames = np.arange(3000)
    still = moving(*np.zeros(3000))
    assert thin(frames, still).sum() == 2
    slow = moving(*np.sin(frames / 200) * 100)
    keys = thin(frames, slow)
    assert keys.sum() < 150
    assert smallest_iou(frames, slow, keys) >= 0.9 - SLACK


def test_an_empty_tube_has_no_keyframes():
    assert thin([], np.zeros((0, 4))).tolist() == []


def test_interpolation_moves_every_corner_at_a_constant_speed():
    boxes = [[0, 0, 10, 10], [9, 9, 9, 9], [9, 9, 9, 9], [9, 9, 9, 9], [8, 4, 18, 34]]
    restored = interpolate(range(5), boxes, [True, False, False, False, True])
    assert restored.tolist() == [
        [0, 0, 10, 10],
        [2, 1, 12, 16],
        [4, 2, 14, 22],
        [6, 3, 16, 28],
        [8, 4, 18, 34],
    ]


@pytest.mark.parametrize(
    ("frames", "tolerance", "sentence"),
    [
        ([1, 2], 0.9, "one per box"),
        ([1, 3, 2], 0.9, "ascending"),
        ([1, 1, 2], 0.9, "ascending"),
        ([1, 2, 3], -0.1, "within 0..1, got -0.1"),
        ([1, 2, 3], 1.1, "within 0..1, got 1.1"),
        ([1, 2, 3], float("nan"), "within 0..1, got nan"),
    ],
)
def test_what_is_no_tube_is_refused(frames, tolerance, sentence):
    with pytest.raises(ValueError, match=sentence):
        thin(frames, moving(0, 0, 0), tolerance)


def test_interpolation_needs_the_ends_of_every_segment():
    with pytest.raises(ValueError, match="first and last frame of every segment"):
        interpolate([1, 2, 5, 6], moving(0, 0, 0, 0), [True, False, True, True])


# Any tube


@given(tubes(), st.floats(0, 1))
def test_every_box_comes_back_well_enough(tube, tolerance):
    keys = thin(*tube, tolerance)
    assert smallest_iou(*tube, keys) >= tolerance - SLACK


@given(tubes())
def test_ends_of_segments_are_keyframes(tube):
    frames, boxes = tube
    keys = thin(frames, boxes)
    for part in segments(frames):
        assert keys[part][[0, -1]].all()


@given(tubes(longest=9), st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_no_smaller_set_of_keyframes_exists(tube, tolerance):
    boxes = tube[1]
    assert thin(range(len(boxes)), boxes, tolerance).sum() == n_fewest(boxes, tolerance)


@given(tubes(), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_tolerance_never_needs_fewer_keyframes(tube, a, b):
    assert thin(*tube, min(a, b)).sum() <= thin(*tube, max(a, b)).sum()


@given(tubes(), st.sampled_from([0.5, 0.9]))
def test_what_was_restored_needs_no_more_keyframes(tube, tolerance):
    frames, boxes = tube
    keys = thin(frames, boxes, tolerance)
    again = thin(frames, interpolate(frames, boxes, keys), tolerance)
    assert again.sum() <= keys.sum()


@given(tubes(), st.sampled_from([0.5, 0.9]))
def test_neither_the_unit_nor_the_first_frame_number_matters(tube, tolerance):
    frames, boxes = tube
    scaled = (boxes + 7) * np.array([4, 8, 4, 8])
    assert (thin(frames + 100, scaled, tolerance).sum()) == thin(*tube, tolerance).sum()


# Real tubes


@pytest.mark.shared
def test_boxes_of_real_objects_need_few_keyframes(shared_data):
    """A slow object needs a tenth, a runner a third: its hand-drawn box jumps with every step."""
    shares = {}
    for path in sorted((shared_data / "joined").glob("*/queries.json")):
        for query in json.loads(path.read_text())["queries"]:
            frames = np.array(sorted(map(int, query["boxes"])))
            xywh = np.array([query["boxes"][str(frame)] for frame in frames])
            boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
            keys = thin(frames, boxes)
            assert smallest_iou(frames, boxes, keys) >= 0.9 - SLACK
            shares[query["sentence"]] = keys.mean()
    assert len(shares) == 9
    calm = ["a black feathered swan", "a camel moving", "a white car crossing a signal"]
    assert max(shares[sentence] for sentence in calm) <= 0.1
    assert shares["a woman in a yellow jacket and mustered trousers"] <= 0.2
    assert max(shares.values()) < 0.65
    assert np.mean(list(shares.values())) < 0.35
