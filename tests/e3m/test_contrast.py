"""Tests the measure of fit: its zero is the average unrelated text, its unit is comparable."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.e3m.contrast import Measured

cosines = st.floats(-1, 1, allow_nan=False)


@st.composite
def values(draw):
    """Values (N,), and unrelated values (N, R) that differ."""
    n, r = draw(st.integers(1, 4)), draw(st.integers(2, 5))
    value = np.array(draw(st.lists(cosines, min_size=n, max_size=n)))
    others = np.array(draw(st.lists(cosines, min_size=n * r, max_size=n * r))).reshape(n, r)
    assume((others.std(axis=1) > 0.01).all())
    return value, others


def standing(value, others):
    """Fit of features with cosines `value` (N,) to a text and `others` (N, R) to unrelated ones."""
    axes = np.eye(1 + others.shape[1])
    return Measured(np.column_stack([value, others]), axes[1:]).fit(axes[0])


def test_a_case_by_hand():
    # mean 0.2 and deviation 0.1
    others = np.tile([0.1, 0.3], (3, 1))
    assert standing(np.array([0.5, 0.2, 0.1]), others) == pytest.approx([3, 0, -1])


def test_every_value_has_its_own_unrelated_ones():
    others = np.array([[0.1, 0.3], [0.0, 0.8]])
    assert standing(np.array([0.5, 0.8]), others) == pytest.approx([3, 1])


def test_features_are_compared_by_cosine():
    text, unrelated = np.array([1.0, 0, 0]), np.array([[0.0, 1, 0], [0, -1, 0]])
    x = np.array([[0.6, 0.8, 0], [-0.6, 0.8, 0], [0.8, 0.6, 0]])
    assert Measured(x, unrelated).fit(text) == pytest.approx([0.75, -0.75, 4 / 3])


def test_without_unrelated_texts_the_cosines_themselves_count():
    x = np.array([[0.6, 0.8, 0], [-0.6, 0.8, 0]])
    assert Measured(x, None).fit(np.array([1.0, 0, 0])) == pytest.approx([0.6, -0.6])


def test_more_features_than_are_compared_at_once_fit_the_same():
    x = unit(np.random.default_rng(0).normal(size=(2500, 8))).astype(np.float32)
    text, unrelated = x[0].astype(float), x[1:6]
    cosine = x.astype(float) @ text
    assert Measured(x, None).fit(text) == pytest.approx(cosine, abs=1e-12)
    assert Measured(x, unrelated).fit(text) == pytest.approx(
        standing(cosine, x @ unrelated.T), abs=1e-6
    )


def test_a_feature_that_fits_every_text_alike_fits_none():
    unrelated = np.tile([0.6, 0.8, 0.0], (4, 1))
    x = unit(np.random.default_rng(0).normal(size=(5, 3)))
    assert Measured(x, unrelated).fit(np.array([1.0, 0, 0])).tolist() == [0] * 5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unrelated_texts_that_do_not_differ_measure_nothing(dtype):
    value, others = np.array([0.1, 0.9], dtype), np.full((2, 7), 0.3, dtype)
    assert standing(value, others).tolist() == [0, 0]
    assert standing(value, np.full((2, 1), 0.3, dtype)).tolist() == [0, 0]


def test_a_video_without_regions_has_no_contrast():
    assert Measured(np.empty((0, 3)), np.eye(3)).fit(np.eye(3)[0]).shape == (0,)


@settings(max_examples=60, deadline=None)
@given(values(), st.floats(0.5, 10), st.floats(-5, 5))
def test_an_encoder_with_another_scale_gives_the_same_contrast(case, scale, shift):
    value, others = case
    moved = standing(scale * value + shift, scale * others + shift)
    assert moved == pytest.approx(standing(value, others), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(values())
def test_the_mean_of_the_unrelated_is_zero_and_a_deviation_is_one(case):
    _, others = case
    mean, deviation = others.mean(axis=1), others.std(axis=1)
    assert standing(mean, others) == pytest.approx(0, abs=1e-9)
    assert standing(mean + deviation, others) == pytest.approx(1)
    assert standing(mean - 2 * deviation, others) == pytest.approx(-2)
