"""Tests which pictures are encoded, and that the others are interpolated between neighbours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.features.skipping import Changes, interpolate


def grey(level, size=(30, 40)):
    return np.full((*size, 3), level, np.uint8)


def new(changes, pictures, row="a"):
    return [t for t, picture in enumerate(pictures) if changes.is_new(row, t, picture)]


# Encoded pictures


def test_a_still_picture_is_encoded_once_per_reach():
    assert new(Changes(0.1, reach=4), [grey(100)] * 10) == [0, 4, 8]


def test_a_change_is_encoded_at_once():
    assert new(Changes(0.1, reach=100), [grey(100)] * 3 + [grey(160)] * 3) == [0, 3]


def test_small_changes_add_up():
    assert new(Changes(0.1, reach=100), [grey(100 + 10 * t) for t in range(8)]) == [0, 3, 6]


def test_zero_encodes_all():
    assert new(Changes(0, reach=100), [grey(100)] * 5) == [0, 1, 2, 3, 4]


def test_rows_are_compared_with_themselves_only():
    changes = Changes(0.1, reach=100)
    assert new(changes, [grey(0)] * 2, "a") == [0]
    assert new(changes, [grey(200)] * 2, "b") == [0]
    assert new(changes, [grey(0)] * 2, "a") == []


def test_a_part_that_changes_counts_by_its_area():
    half = grey(0)
    half[:15] = 255
    assert new(Changes(0.49, reach=100), [grey(0), half]) == [0, 1]
    assert new(Changes(0.51, reach=100), [grey(0), half]) == [0]


# Interpolated pictures


def test_features_change_linearly_between_encoded_pictures_and_stay_after_the_last():
    features = np.array([[1.0, 0], [0, 1]])
    interpolated = interpolate(np.array([0, 2]), features, np.zeros(4, int), np.arange(4))
    half = np.sqrt([0.5, 0.5])
    assert interpolated == pytest.approx(np.array([[1, 0], half, [0, 1], [0, 1]]))


def test_time_counts_not_the_number_of_pictures():
    interpolated = interpolate(np.array([0, 2]), np.eye(2), np.zeros(3, int), np.array([0, 1, 4]))
    assert interpolated[1] == pytest.approx(np.array([3, 1]) / np.sqrt(10))


@given(st.integers(1, 4), st.integers(1, 12), st.randoms(use_true_random=False))
def test_rows_never_mix_and_what_was_encoded_stays_as_it_is(n_rows, n, random):
    rng = np.random.default_rng(random.getrandbits(32))
    row = rng.integers(0, n_rows, n)
    time = np.zeros(n, int)
    for r in range(n_rows):
        mine = np.flatnonzero(row == r)
        time[mine] = rng.permutation(np.sort(rng.choice(50, len(mine), replace=False)))
    encoded = np.flatnonzero(rng.random(n) < 0.4)
    firsts = [np.flatnonzero(row == r)[time[row == r].argmin()] for r in np.unique(row)]
    encoded = rng.permutation(np.union1d(encoded, firsts).astype(int))
    features = np.zeros((len(encoded), n_rows + 1), np.float32)
    features[np.arange(len(encoded)), row[encoded]] = 1
    features[:, -1] = rng.random(len(encoded))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    interpolated = interpolate(encoded, features, row, time)
    assert interpolated[encoded] == pytest.approx(features, abs=1e-6)
    assert np.linalg.norm(interpolated, axis=1) == pytest.approx(1, abs=1e-5)
    for number in range(n):
        assert set(np.flatnonzero(interpolated[number, :-1])) == {row[number]}


def test_no_pictures_have_no_features():
    nothing = np.zeros(0, int)
    assert interpolate(nothing, np.zeros((0, 4)), nothing, nothing).shape == (0, 4)
