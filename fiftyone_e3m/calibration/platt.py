"""Platt scaling: a confidence moved and stretched in log-odds, so that it is the share of rights.

From J. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized
likelihood methods" (1999). Platt smooths the labels against overfitting; we put a prior on the two
parameters, because the confidence before the fit is already a sensible one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Floats = NDArray[np.float64]

SCALE_SPREAD, SHIFT_SPREAD = 0.5, 1.0
"""Standard deviations of the prior around scale 1 and shift 0. Two encoders that were each fitted
alone lay .8 away from their common fit in log-odds, so a shift of 1 is usual. A reversed order,
scale 0 or less, would be two standard deviations away."""
LEAST_SCALE = 0.05
"""A fit keeps the order of confidences, even where the events contradict it."""
EDGE = 1e-3
"""Confidences closer than this to 0 or 1 count as this close, lest a single one decides a fit."""
FEWEST, FEWEST_OF_EACH = 20, 3
"""Fewest reviewed events for a fit, and fewest of them that are right, and that are wrong."""


class CalibrationError(ValueError):
    """A calibration cannot be fitted, read or kept; the message says why and what to do."""


@dataclass(frozen=True)
class Calibration:
    """A confidence as the share of right answers: ``expit(scale * logit(confidence) + shift)``.

    Attributes:
        scale: above 0; below 1 the confidences were too extreme.
        shift: in log-odds; below 0 the confidences were too high.

    Raises:
        CalibrationError: a number is not finite, or the scale is not above 0.

    Example:
        >>> round(float(Calibration(shift=1.0)(0.5)), 3)
        0.731
    """

    scale: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.shift) and 0 < self.scale < math.inf):
            raise CalibrationError(
                f"A calibration cannot have the scale {self.scale} and the shift {self.shift}: "
                "both must be finite, and the scale above 0."
            )

    def __call__(self, certainty: ArrayLike) -> Floats:
        """The calibrated values of certainties of any shape, 0..1; their order stays."""
        if self == Calibration():  # exactly what was given, without rounding
            return np.asarray(certainty, float)
        return expit(self.scale * logit(np.asarray(certainty, float)) + self.shift)

    def undo(self, calibrated: ArrayLike) -> Floats:
        """The certainties whose calibrated values these are.

        Example:
            >>> calibration = Calibration(scale=2.0, shift=-1.0)
            >>> round(float(calibration.undo(calibration(0.3))), 3)
            0.3
        """
        if self == Calibration():
            return np.asarray(calibrated, float)
        return expit((logit(np.asarray(calibrated, float)) - self.shift) / self.scale)

    @classmethod
    def fit(cls, confidence: ArrayLike, right: ArrayLike) -> Calibration:
        """The most probable calibration, given answers of which it is known whether they are right.

        Penalised maximum likelihood: the log-likelihood of `right`, and a normal prior around scale
        1 (`SCALE_SPREAD`) and shift 0 (`SHIFT_SPREAD`), so that few answers move it little. Both
        parts are concave, so there is one best fit.

        Args:
            confidence: (N,) uncalibrated confidences, 0..1.
            right: (N,) whether each answer is right.

        Raises:
            CalibrationError: there are fewer than `FEWEST` answers, or fewer than `FEWEST_OF_EACH`
                are right or wrong.
        """
        odds = logit(np.clip(np.asarray(confidence, float), EDGE, 1 - EDGE))
        is_right = np.asarray(right, bool)
        _check_enough(len(is_right), int(is_right.sum()))

        def loss(parameters: Floats) -> tuple[float, Floats]:
            off = (parameters - [1, 0]) / [SCALE_SPREAD, SHIFT_SPREAD]
            fitted = parameters[0] * odds + parameters[1]
            value = np.logaddexp(0, np.where(is_right, -fitted, fitted)).sum() + (off**2).sum() / 2
            error = expit(fitted) - is_right
            slope = np.array([error @ odds, error.sum()]) + off / [SCALE_SPREAD, SHIFT_SPREAD]
            return float(value), slope

        bounds = [(LEAST_SCALE, None), (None, None)]
        scale, shift = minimize(loss, [1, 0], jac=True, bounds=bounds, method="L-BFGS-B").x
        return cls(float(scale), float(shift))


def _check_enough(n: int, n_right: int) -> None:
    """Raises an error if there are too few answers for a fit."""
    n_wrong = n - n_right
    if n < FEWEST or min(n_right, n_wrong) < FEWEST_OF_EACH:
        raise CalibrationError(
            f"{n_right} right and {n_wrong} wrong events are too few: a calibration needs "
            f"{FEWEST}, with {FEWEST_OF_EACH} right and {FEWEST_OF_EACH} wrong ones among them. "
            "Review more events: accept the tubes that are right, and correct the others."
        )
