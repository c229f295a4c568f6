"""Tests context modulation: which regions are averaged, and with what weights.

A region is averaged only with its own track, only within the window, and mostly with look-alikes.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.e3m.visual_context import modulate, neighbours

ONE_TRACK = np.arange(5)[None, :]


def features(n, d=6, seed=0):
    return unit(np.random.default_rng(seed).normal(size=(n, d)))


def test_a_window_of_no_frames_changes_nothing():
    x = features(5)
    assert modulate(x, neighbours(ONE_TRACK, reach=0), tau=0.1) == pytest.approx(x)


def test_three_frames_by_hand():
    x = np.array([[1.0, 0], [0.6, 0.8], [0, 1]])
    out = modulate(x, neighbours(np.arange(3)[None, :], reach=1), tau=0.5)
    a, b = np.exp(1 / 0.5), np.exp(0.6 / 0.5)
    first = a * x[0] + b * x[1]
    middle = b * x[0] + a * x[1] + np.exp(0.8 / 0.5) * x[2]
    assert out[0] == pytest.approx(first / np.linalg.norm(first))
    assert out[1] == pytest.approx(middle / np.linalg.norm(middle))


def test_the_window_ends_at_its_reach_at_the_border_and_at_gaps():
    row = np.array([[0, 1, -1, 2, 3]])
    assert neighbours(row, reach=1).tolist() == [[-1, 0, 1], [0, 1, -1], [-1, 2, 3], [2, 3, -1]]


def test_tracks_do_not_lend_to_each_other():
    row = np.array([[0, 2, 4], [1, 3, -1]])
    near = neighbours(row, reach=2)
    assert set(near[[0, 2, 4]].ravel()) == {-1, 0, 2, 4}
    assert set(near[[1, 3]].ravel()) == {-1, 1, 3}


def test_a_region_alone_in_its_window_keeps_its_feature():
    x = features(2)
    row = np.array([[0, -1, -1, -1, 1]])
    assert modulate(x, neighbours(row, reach=2), tau=0.1) == pytest.approx(x)


def test_a_drifted_region_is_ignored_by_its_neighbours_when_tau_is_low():
    x = np.array([[1.0, 0], [0, 1], [1, 0]])
    near = neighbours(np.arange(3)[None, :], reach=1)
    assert modulate(x, near, tau=0.1)[0] @ x[0] > 0.999
    assert modulate(x, near, tau=10)[0] @ x[0] < 0.8


def test_a_noisy_region_comes_nearer_to_its_object():
    clean = np.tile([1.0, 0, 0], (5, 1))
    noisy = clean.copy()
    noisy[2] = [0.8, 0.6, 0]
    out = modulate(noisy, neighbours(ONE_TRACK, reach=2), tau=0.5)
    assert out[2] @ clean[2] > noisy[2] @ clean[2] + 0.1


def test_a_video_without_regions_has_no_features():
    near = neighbours(np.empty((0, 7), int), reach=2)
    assert modulate(np.empty((0, 4)), near, tau=0.1).shape == (0, 4)
    assert neighbours(np.full((2, 7), -1), reach=2).shape == (0, 5)


def test_some_regions_may_be_averaged_without_the_others():
    x = features(12)
    near = neighbours(np.arange(12).reshape(3, 4), reach=1)
    assert np.array_equal(modulate(x, near[[2, 7, 9]], 0.1), modulate(x, near, 0.1)[[2, 7, 9]])


def test_a_long_video_is_averaged_like_its_parts():
    x, rows = features(3000, d=4), np.arange(3000)
    alone = neighbours(rows[None, :1500], reach=2)
    both = neighbours(np.where(rows // 1500 == [[0], [1]], rows, -1), reach=2)
    assert modulate(x, both, 0.1)[:1500] == pytest.approx(modulate(x[:1500], alone, 0.1))


@st.composite
def presence(draw):
    k, t = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    alive = np.array(draw(st.lists(st.booleans(), min_size=k * t, max_size=k * t)))
    return alive.reshape(k, t)


@settings(max_examples=40, deadline=None)
@given(presence(), st.integers(0, 7), st.sampled_from([0.05, 0.1, 1.0]), st.integers(0, 99))
def test_it_equals_the_formula_written_as_loops(alive, reach, tau, seed):
    frame, track = np.nonzero(alive.T)
    row = np.full(alive.shape, -1)
    row[track, frame] = np.arange(len(frame))
    x = features(len(frame), seed=seed)
    out = modulate(x, neighbours(row, reach), tau)
    for m, (k, t) in enumerate(zip(track, frame, strict=True)):
        mine = [n for n in range(len(x)) if track[n] == k and abs(frame[n] - t) <= reach]
        weight = np.exp([x[m] @ x[n] / tau for n in mine])
        expected = weight @ x[mine] / weight.sum()
        assert out[m] == pytest.approx(expected / np.linalg.norm(expected))
