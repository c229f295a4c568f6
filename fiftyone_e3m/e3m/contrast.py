"""How well something fits, measured against what is unrelated.

A cosine by itself says little: some images are close to every sentence, and encoders differ in
their scale. How far it lies above the cosines with unrelated sentences, in standard deviations of
these, has a zero that means "no better than chance" and a unit that encoders share.
"""

from __future__ import annotations

import numpy as np

from .arrays import Float, blocks

MIN_SPREAD = 1e-3
"""Cosines with unrelated texts that differ less than this cannot serve as a measure."""


class Measured:
    """Features that texts are measured on; how unrelated texts fit them is worked out once.

    Args:
        x: (N, D) features of length 1.
        unrelated: (R, D) features of texts about anything, length 1; None for plain cosines.
    """

    def __init__(self, x: Float, unrelated: Float | None) -> None:
        self.x = x
        self._unrelated = None if unrelated is None else _mean_and_spread(x @ unrelated.T)

    def fit(self, text: Float) -> Float:
        """How much better the features fit a text (D,) of length 1 than unrelated ones do.

        Returns:
            (N,) in standard deviations: 0 is as good as the average unrelated text; 0 where these
            do not differ. Without unrelated texts, cosines.
        """
        cosine = np.concatenate(
            [np.empty(0, self.x.dtype), *(self.x[b] @ text for b in blocks(len(self.x)))]
        )
        return cosine if self._unrelated is None else _standing(cosine, *self._unrelated)


def standing(value: Float, unrelated: Float) -> Float:
    """Values (N,) against unrelated ones (N, R) or (R,), in standard deviations of these.

    Example:
        >>> standing(np.array([0.5, 0.2]), np.array([0.1, 0.3])).round(1).tolist()
        [3.0, 0.0]
    """
    return _standing(value, *_mean_and_spread(unrelated))


def _mean_and_spread(unrelated: Float) -> tuple[Float, Float]:
    return unrelated.mean(axis=-1), unrelated.std(axis=-1)


def _standing(value: Float, mean: Float, spread: Float) -> Float:
    z = (value - mean) / np.maximum(spread, MIN_SPREAD)
    return np.where(spread < MIN_SPREAD, 0.0, z)
