"""Context-based visual modulation: averages a feature with its own in neighbouring frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from .arrays import Floats, blocks, unit


def neighbours(row: NDArray[np.integer], reach: int) -> NDArray[np.integer]:
    """For each region, the rows of its track's regions up to `reach` frames away.

    Args:
        row: (K, T) row number of each region, -1 where there is none; the M rows are numbered
            frame by frame.
        reach: W, in sampled frames.

    Returns:
        (M, 2W + 1) row numbers from W frames before to W frames after, -1 where there is none.
    """
    frame, track = np.nonzero(row.T >= 0)
    near = np.full((len(frame), 2 * reach + 1), -1, row.dtype)
    for column, offset in enumerate(range(-reach, reach + 1)):
        inside = (frame + offset >= 0) & (frame + offset < row.shape[1])
        near[inside, column] = row[track[inside], frame[inside] + offset]
    return near


def modulate(x: Floats, near: NDArray[np.integer], tau: float) -> Floats:
    """Averages each feature with its neighbours, weighted by likeness.

    ``a_s = softmax_s(<x_t, x_s> / tau)``, ``out_t = unit(sum_s a_s x_s)``: a region that has
    drifted off the object gets a low weight automatically.

    Args:
        x: (M, D) features of length 1.
        near: (N, 2W + 1) rows of the neighbours of N of the features, with the feature itself in
            the middle; -1 for none.
        tau: temperature, > 0.

    Returns:
        (N, D) features of length 1.
    """
    out = np.empty((len(near), x.shape[1]), x.dtype)
    for block in blocks(len(near)):
        out[block] = _modulate(x, near[block], tau)
    return out


def _modulate(x: Floats, near: NDArray[np.integer], tau: float) -> Floats:
    own = x[near[:, near.shape[1] // 2]]
    likeness = np.stack([np.einsum("md,md->m", own, x[column]) for column in near.T], axis=1)
    weight = softmax(np.where(near >= 0, likeness / tau, -np.inf), axis=1).astype(x.dtype)
    mixed = np.zeros_like(own)
    for column, a in zip(near.T, weight.T, strict=True):
        mixed += a[:, None] * x[column]
    return unit(mixed)
