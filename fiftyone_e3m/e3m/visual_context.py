"""Context-based visual modulation: a feature borrows from itself in neighbouring frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import Float, softmax, unit


def neighbours(row: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """For every region, the rows of the same track's regions up to `reach` frames away.

    Args:
        row: (K, T) row number of each region, -1 where there is none; the M rows are numbered
            frame by frame.
        reach: W, in sampled frames.

    Returns:
        (M, 2W + 1) row numbers from W frames before to W frames after, -1 where there is none.
    """
    padded = np.pad(row, ((0, 0), (reach, reach)), constant_values=-1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=1)
    frame, track = np.nonzero(row.T >= 0)
    return windows[track, frame] if len(track) else np.empty((0, 2 * reach + 1), int)


def modulate(x: Float, near: NDArray[np.int64], tau: float) -> Float:
    """Averages every feature with its neighbours, weighted by likeness.

    ``a_s = softmax_s(<x_t, x_s> / tau)``, ``out_t = unit(sum_s a_s x_s)``: a region that drifted
    off the object gets a low weight by itself.

    Args:
        x: (M, D) features of length 1.
        near: (M, N) rows of the neighbours, the feature itself among them; -1 for none.
        tau: temperature, > 0.

    Returns:
        (M, D) features of length 1.
    """
    if len(x) == 0:
        return x
    likeness = np.stack([np.einsum("md,md->m", x, x[column]) for column in near.T], axis=1)
    weight = softmax(np.where(near >= 0, likeness / tau, -np.inf)).astype(x.dtype)
    mixed = np.zeros_like(x)
    for column, a in zip(near.T, weight.T, strict=True):
        mixed += a[:, None] * x[column]
    return unit(mixed)
