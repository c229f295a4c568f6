"""Pins the mapping of annotated boxes to the frames of a video: exact small cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.importers.truth import Track, fit_tube, rate_between

SIZE = (100, 50)


def fit(frames, boxes, event, n_frames=20, **options):
    return fit_tube(Track.of(frames, boxes), event, SIZE, n_frames, **options)


def test_boxes_become_corners_relative_to_the_frame():
    tube = fit([3], [[10, 10, 20, 30]], (3, 4))
    assert (tube.begin, tube.end, tube.frames.tolist()) == (3, 4, [3])
    assert tube.xyxy.tolist() == [[0.1, 0.2, 0.3, 0.8]]
    assert tube.remarks == ()


def test_frames_between_two_boxes_are_interpolated_and_those_at_the_ends_are_not():
    tube = fit([4, 8], [[0, 0, 10, 10], [40, 0, 10, 10]], (3, 10))
    assert tube.frames.tolist() == [4, 5, 6, 7, 8]
    assert tube.xyxy[:, 0] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert tube.remarks == (
        ("boxes_interpolated", "3 of 7 frames"),
        ("boxes_missing", "2 of 7 frames"),
    )


def test_boxes_before_and_after_the_event_help_to_interpolate_but_do_not_extend_it():
    tube = fit([0, 10], [[0, 0, 10, 10], [50, 0, 10, 10]], (4, 6))
    assert tube.frames.tolist() == [4, 5]
    assert tube.xyxy[:, 0] == pytest.approx([0.2, 0.25])


def test_an_event_is_cut_to_the_video():
    tube = fit(range(-2, 5), [[0, 0, 10, 10]] * 7, (-2, 5), n_frames=3)
    assert (tube.begin, tube.end, tube.frames.tolist()) == (0, 3, [0, 1, 2])
    assert tube.remarks == (("event_cut", "frames -1 to 5 of 3"),)


def test_an_event_outside_the_video_has_no_frames():
    tube = fit([30], [[0, 0, 10, 10]], (30, 31), n_frames=20)
    assert tube.begin >= tube.end
    assert len(tube.frames) == 0


def test_boxes_are_cut_to_the_frame():
    tube = fit([0, 1], [[-10, 0, 20, 10], [0, 0, 10, 10]], (0, 2))
    assert tube.xyxy[0].tolist() == [0, 0, 0.1, 0.2]
    text = "1, first in frame 1: [-10.0, 0.0, 10.0, 10.0] in (100, 50)"
    assert tube.remarks == (("boxes_cut", text),)


@pytest.mark.parametrize(
    "bad", [None, [1, 2, 3], [5, 5, 0, 5], [200, 5, 10, 10], [float("nan"), 0, 1, 1]]
)
def test_a_box_that_is_none_is_dropped_and_interpolated(bad):
    tube = fit([0, 1, 2], [[0, 0, 10, 10], bad, [20, 0, 10, 10]], (0, 3))
    assert tube.xyxy[:, 0] == pytest.approx([0, 0.1, 0.2])
    assert tube.remarks[0] == ("boxes_dropped", "1, first in frame 2")


def test_a_segment_begins_at_its_offset():
    tube = fit(range(20), [[t, 0, 10, 10] for t in range(20)], (5, 9), n_frames=6, offset=4)
    assert (tube.begin, tube.end) == (1, 5)
    assert tube.xyxy[:, 0] == pytest.approx([0.05, 0.06, 0.07, 0.08])


def test_frame_numbers_are_scaled_where_the_file_has_another_rate():
    tube = fit(range(4, 8), [[t, 0, 10, 10] for t in range(4, 8)], (4, 8), rate=2.0)
    assert (tube.begin, tube.end, len(tube.frames)) == (8, 16, 8)
    assert tube.xyxy[:, 0] == pytest.approx([0.04, 0.045, 0.05, 0.055, 0.06, 0.065, 0.07, 0.07])
    tube = fit(range(4, 8), [[t, 0, 10, 10] for t in range(4, 8)], (4, 8), rate=0.5)
    assert (tube.begin, tube.end, tube.xyxy[:, 0].tolist()) == (2, 4, [0.04, 0.06])


@given(
    begin=st.integers(0, 100),
    length=st.integers(1, 100),
    n_frames=st.integers(1, 300),
    rate=st.sampled_from([1.0, 0.5, 0.8333, 1.2, 2.0]),
)
def test_a_full_track_has_a_box_on_every_frame_of_its_event(begin, length, n_frames, rate):
    track = Track.of(range(begin, begin + length), [[10, 10, 20, 20]] * length)
    tube = fit_tube(track, (begin, begin + length), SIZE, n_frames, rate=rate)
    assert tube.frames.tolist() == list(range(tube.begin, tube.end))
    assert np.allclose(tube.xyxy, [0.1, 0.2, 0.3, 0.6])
    assert "boxes_missing" not in [kind for kind, _ in tube.remarks]


@pytest.mark.parametrize(
    ("annotated", "real", "rate"),
    [
        ((30, 600), (30, 600), 1),
        ((30, 600), (29.97, 599), 1),
        ((30, 600), (25, 500), 25 / 30),
        ((25, 500), (50, 1000), 2),
        ((30, 600), (30, 450), 1),  # truncated
        ((22.5, 450), (30, 450), 1),  # 15 seconds, so that img_num / 20 is not its rate
        ((30, 600), (25, 400), 1),  # no common factor: the numbers are used unchanged
    ],
)
def test_a_rate_is_scaled_only_where_length_and_rate_agree(annotated, real, rate):
    assert rate_between(annotated, real) == pytest.approx(rate)
