"""Prototype-based text modulation: adapts the text feature to this video.

Prototypes are regions that fit the sentence (exemplarity) and show different stages of the action
(diversity). The text feature is moved slightly towards them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from ..config import E3MConfig
from .arrays import Floats, minmax, unit

EXEMPLARITY_TAU = 0.1
"""Temperature of the prototypes' weights."""
POOL_PER_PROTOTYPE = 8
"""Least number of regions in the pool per prototype."""


@dataclass(frozen=True)
class Prototype:
    """A region that represents the sentence.

    Attributes:
        frame: sampled frame, 0-based.
        track: track number.
        box: xyxy in pixels of the source frame.
        weight: share in the calibration, 0..1; the weights of a video sum to 1.
    """

    frame: int
    track: int
    box: tuple[float, float, float, float]
    weight: float


def exemplarity(likeness: Floats, frame: NDArray[np.int64], relevance: Floats) -> Floats:
    """How well candidates represent the sentence: likeness times the relevance of their frame.

    Args:
        likeness: (N,) how well each candidate fits the sentence, in any unit.
        frame: (N,) sampled frame of each candidate.
        relevance: (T,) relevance of the sampled frames, 0..1.

    Returns:
        (N,) in 0..1.
    """
    return minmax(relevance[frame] * minmax(likeness))


def select(
    x: Floats, frame: NDArray[np.int64], score: Floats, n_frames: int, config: E3MConfig
) -> NDArray[np.int64]:
    """Chooses the prototypes.

    Args:
        x: (N, D) candidate features.
        frame: (N,) sampled frame of each candidate, ascending.
        score: (N,) exemplarity, 0..1.
        n_frames: T.
        config: uses the parameters of the text prototypes.

    Returns:
        Up to `n_prototypes` rows of `x`; ties go to the earlier row.
    """
    size = max(config.proto_pool, POOL_PER_PROTOTYPE * config.n_prototypes)
    pool = np.sort(np.argsort(-score, kind="stable")[:size])
    time = frame[pool] / max(1, n_frames - 1)
    n = min(config.n_prototypes, len(pool))
    chosen = _greedy(x[pool], time, score[pool], n, config.proto_diversity)
    return pool[chosen]


def _greedy(x: Floats, time: Floats, score: Floats, n: int, diversity: float) -> list[int]:
    """Maximal marginal relevance; redundancy is half visual, half temporal."""
    likeness = x @ x.T
    redundancy = 0.5 * minmax(likeness.ravel()).reshape(likeness.shape)
    redundancy += 0.5 * (1 - np.abs(time[:, None] - time[None, :]))
    chosen = [int(score.argmax())]
    while len(chosen) < n:
        gain = (1 - diversity) * score - diversity * redundancy[:, chosen].max(axis=1)
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
    return chosen


def calibrate(
    text: Floats, prototypes: Floats, score: Floats, alpha: float
) -> tuple[Floats, Floats]:
    """Moves the text feature towards the weighted mean of the prototypes.

    Args:
        text: (D,) the sentence's own feature; never a calibrated one, which would drift.
        prototypes: (P, D) features.
        score: (P,) exemplarity of the prototypes.
        alpha: share of the prototypes, 0..1.

    Returns:
        The calibrated text feature (D,) and the prototypes' weights (P,).
    """
    weight = softmax(score / EXEMPLARITY_TAU)
    mean = unit(weight @ prototypes)
    return unit((1 - alpha) * text + alpha * mean), weight
