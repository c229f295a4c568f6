"""How well something fits, measured against what is unrelated.

A cosine by itself says little: some images are close to every sentence, and encoders differ in
their scale. How far it lies above the cosines with unrelated sentences, in standard deviations of
these, has a zero that means "no better than chance" and a unit that encoders share.
"""

from __future__ import annotations

import numpy as np

from .arrays import Float

MIN_SPREAD = 1e-3
"""Cosines with unrelated texts that differ less than this cannot serve as a measure."""


def contrast(x: Float, text: Float, unrelated: Float) -> Float:
    """How much better features fit a text than unrelated ones, in standard deviations.

    Args:
        x: (N, D) features of length 1.
        text: (D,) feature of the text, length 1.
        unrelated: (R, D) features of texts about anything, length 1.

    Returns:
        (N,) 0 is as good as the average unrelated text; 0 where these do not differ.
    """
    return standing(x @ text, x @ unrelated.T)


def standing(value: Float, unrelated: Float) -> Float:
    """Values (N,) against unrelated ones (N, R) or (R,), in standard deviations of these.

    Example:
        >>> standing(np.array([0.5, 0.2]), np.array([0.1, 0.3])).round(1).tolist()
        [3.0, 0.0]
    """
    spread = unrelated.std(axis=-1)
    z = (value - unrelated.mean(axis=-1)) / np.maximum(spread, MIN_SPREAD)
    return np.where(spread < MIN_SPREAD, 0.0, z)
