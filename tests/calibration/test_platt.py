"""Tests Platt scaling: exact values, that order stays, what few and many events do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from fiftyone_e3m.calibration import Calibration, CalibrationError
from fiftyone_e3m.calibration.platt import LEAST_SCALE

calibrations = st.builds(Calibration, st.floats(0.05, 5), st.floats(-5, 5))
certainties = st.lists(st.floats(0, 1), min_size=2, max_size=20)


def answers(n, scale, shift, seed=0):
    """Confidences, and whether each is right, where this calibration is the true one."""
    rng = np.random.default_rng(seed)
    confidence = expit(rng.normal(0, 2, n))
    return confidence, rng.random(n) < Calibration(scale, shift)(confidence)


def test_values_by_hand():
    half = Calibration(scale=0.5, shift=1.0)
    assert half([0.5, 0.8]) == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1) / 2)])
    assert half([0.0, 1.0]).tolist() == [0, 1], "certain stays certain, whatever the shift"


def test_none_changes_no_digit():
    values = np.random.default_rng(0).random(1000)
    assert np.array_equal(Calibration()(values), values)
    assert np.array_equal(Calibration().undo(values), values)


@given(calibrations, certainties)
def test_order_stays_and_so_does_the_range(calibration, values):
    calibrated = calibration(np.sort(values))
    assert (np.diff(calibrated) >= 0).all()
    assert (calibrated >= 0).all()
    assert (calibrated <= 1).all()


@given(calibrations, st.lists(st.floats(0.01, 0.99), min_size=1))
def test_undo_gives_what_was_calibrated(calibration, values):
    # a scale of 5 rounds off digits near 1
    assert calibration.undo(calibration(values)) == pytest.approx(values, abs=1e-3)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.5, 1.2), (2.0, -1.0)])
def test_a_fit_to_many_events_finds_the_true_calibration(scale, shift):
    fit = Calibration.fit(*answers(20000, scale, shift))
    assert (fit.scale, fit.shift) == (pytest.approx(scale, abs=0.1), pytest.approx(shift, abs=0.1))


@pytest.mark.slow
@given(st.integers(0, 10**6))
def test_after_a_fit_the_mean_confidence_is_nearly_the_share_of_rights(seed):
    confidence, right = answers(400, 0.7, 1.0, seed)
    fit = Calibration.fit(confidence, right)
    assert fit(confidence).mean() == pytest.approx(right.mean(), abs=0.01)


@pytest.mark.slow
@given(st.integers(0, 10**6))
def test_a_refit_of_calibrated_confidences_changes_nothing(seed):
    """What `calibrate` relies on: undo, then fit."""
    confidence, right = answers(60, 1.0, 0.5, seed)
    fit = Calibration.fit(confidence, right)
    again = Calibration.fit(fit.undo(fit(confidence)), right)
    assert (again.scale, again.shift) == pytest.approx((fit.scale, fit.shift), abs=1e-3)


def test_few_events_move_it_less_than_many_with_the_same_shares():
    confidence, right = np.full(20, 0.5), np.arange(20) < 16
    few = Calibration.fit(confidence, right)
    many = Calibration.fit(np.tile(confidence, 100), np.tile(right, 100))
    assert 0 < few.shift < many.shift < logit(0.8) + 1e-6
    assert many.shift == pytest.approx(logit(0.8), abs=0.01)
    # where likelihood and prior pull equally: n * (share - fit) = shift / spread**2, spread 1
    assert 20 * (0.8 - few(0.5)) == pytest.approx(few.shift, abs=1e-3)
    assert (few.scale, many.scale) == pytest.approx((1, 1), abs=1e-6), "nothing speaks about it"


def test_events_in_agreement_with_the_confidence_leave_it_where_it_was():
    confidence = np.repeat([0.2, 0.8], 10)
    right = np.tile(np.arange(10) < 2, 2) ^ (confidence > 0.5)
    fit = Calibration.fit(confidence, right)
    assert (fit.scale, fit.shift) == pytest.approx((1, 0), abs=1e-3)


def test_even_where_the_unsure_ones_are_right_the_order_stays():
    confidence = np.tile([0.1, 0.9], 50)
    fit = Calibration.fit(confidence, confidence < 0.5)
    assert fit.scale == LEAST_SCALE
    assert fit(0.9) > fit(0.1)


def test_a_confidence_of_exactly_0_or_1_does_not_break_a_fit():
    confidence, right = answers(100, 1, 0)
    confidence[:2], right[:2] = [0, 1], [True, False]
    fit = Calibration.fit(confidence, right)
    assert np.isfinite([fit.scale, fit.shift]).all()


@pytest.mark.parametrize(
    ("n_right", "n_wrong"), [(0, 0), (10, 9), (18, 2), (2, 18), (100, 0), (0, 100)]
)
def test_too_few_events_are_refused_and_what_is_missing_is_said(n_right, n_wrong):
    right = np.arange(n_right + n_wrong) < n_right
    with pytest.raises(CalibrationError) as error:
        Calibration.fit(np.full(len(right), 0.5), right)
    assert str(error.value) == (
        f"{n_right} right and {n_wrong} wrong events are too few: a calibration needs 20, with 3 "
        "right and 3 wrong ones among them. Review more events: accept the tubes that are right, "
        "and correct the others."
    )


@pytest.mark.parametrize(("n_right", "n_wrong"), [(17, 3), (3, 17), (10, 10)])
def test_just_enough_events_are_accepted(n_right, n_wrong):
    right = np.arange(20) < n_right
    assert Calibration.fit(np.full(20, 0.5), right).shift * (n_right - n_wrong) >= 0


@pytest.mark.parametrize(
    ("scale", "shift"), [(0, 0), (-1, 0), (np.nan, 0), (np.inf, 0), (1, np.nan)]
)
def test_a_calibration_that_would_not_keep_the_order_cannot_be_made(scale, shift):
    with pytest.raises(CalibrationError, match="the scale above 0"):
        Calibration(scale, shift)
