"""Small array operations that the steps of E3M share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
EPS = 1e-6
BLOCK = 1024


def unit(x: Floats) -> Floats:
    """Vectors (..., D) scaled to length 1; a zero vector stays zero."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.maximum(length, np.finfo(np.float32).tiny)


def blocks(n: int) -> Iterator[slice]:
    """Slices of up to 1024 rows that cover `n` rows, to bound the memory of per-row results.

    Example:
        >>> list(blocks(1500))
        [slice(0, 1024, None), slice(1024, 1500, None)]
    """
    return (slice(start, min(n, start + BLOCK)) for start in range(0, n, BLOCK))


def minmax(x: Floats) -> Floats:
    """Values (N,) stretched to 0..1; all ones if they do not differ.

    Example:
        >>> minmax(np.array([2., 4., 3.])).tolist()
        [0.0, 1.0, 0.5]
        >>> minmax(np.array([2., 2.])).tolist()
        [1.0, 1.0]
    """
    if x.size == 0:
        return x
    low, high = x.min(), x.max()
    return np.ones_like(x) if high - low < EPS else (x - low) / (high - low)


def standardise(x: Floats) -> Floats:
    """Values (N,) scaled to mean 0 and standard deviation 1; all zeros if they do not differ."""
    if x.size == 0 or x.std() < EPS:
        return np.zeros_like(x)
    return (x - x.mean()) / x.std()


def steps(seconds: float, fps: float) -> int:
    """A duration as a number of sampled frames, at least one.

    Example:
        >>> steps(0.6, fps=5), steps(0.1, fps=5)
        (3, 1)
    """
    return max(1, round(seconds * fps))
