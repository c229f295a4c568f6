"""Our addition `contrast`: fit measured against unrelated sentences.

A cosine by itself says little: some images are close to every sentence, and encoders differ in
scale. Its distance above the cosines with unrelated sentences, in standard deviations of these, has
a zero that means "no better than chance" and a unit that encoders share. The paper uses plain
cosines; where scores must be compared, they are brought to a common scale within the video.

Everything that depends on this choice is here: the fit, its scale, and the zero of the relevance.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, blocks, minmax, standardise

MIN_SPREAD = 1e-3
"""Least standard deviation of the cosines with unrelated texts that can serve as a unit."""


class Measured:
    """Features to measure texts on; how unrelated texts fit them is computed once.

    Args:
        x: (N, D) features of length 1.
        unrelated: (R, D) features of unrelated texts, length 1; None for plain cosines.
    """

    def __init__(self, x: Floats, unrelated: Floats | None) -> None:
        self.x = x
        self._unrelated = None if unrelated is None else _mean_and_spread(x @ unrelated.T)

    def fit(self, text: Floats) -> Floats:
        """How well the features fit a text (D,) of length 1.

        Returns:
            (N,) cosines; with unrelated texts, how many standard deviations the cosines lie above
            those of unrelated texts: 0 is their average; also 0 where they do not differ.
        """
        cosine = np.concatenate(
            [np.empty(0, self.x.dtype), *(self.x[b] @ text for b in blocks(len(self.x)))]
        )
        return cosine if self._unrelated is None else _standing(cosine, *self._unrelated)


def comparable(fit: Floats, contrast: bool) -> Floats:
    """Fits (N,) in standard deviations: of unrelated texts, or of the fits themselves."""
    return fit if contrast else standardise(fit)


def to_relevance(gamma: Floats, contrast: bool) -> Floats:
    """Gamma (T,) as relevance in 0..1; the best frame has 1.

    With contrast, 0 means no better than an unrelated sentence, so a video that shows the event
    throughout is relevant throughout. Without contrast, or if nothing fits, gamma is stretched
    between its extremes: 0 is the worst frame.
    """
    if contrast and gamma.max() > 0:
        return np.clip(gamma / gamma.max(), 0, 1)
    return minmax(gamma)


def _mean_and_spread(unrelated: Floats) -> tuple[Floats, Floats]:
    return unrelated.mean(axis=-1), unrelated.std(axis=-1)


def _standing(value: Floats, mean: Floats, spread: Floats) -> Floats:
    z = (value - mean) / np.maximum(spread, MIN_SPREAD)
    return np.where(spread < MIN_SPREAD, 0.0, z)
