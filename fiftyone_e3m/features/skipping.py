"""Selects the pictures of a row that are worth encoding, and interpolates the features of the rest.

A row is one thing over time: a track under one prompt, or the whole frames of a shot. From one
sampled frame to the next most pictures hardly change, and neither do their features, so these are
interpolated between encoded pictures, as video codecs interpolate between keyframes.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..e3m.arrays import unit
from ..video import Image


@dataclass
class Changes:
    """Tells which pictures differ from the last encoded one of their row.

    Attributes:
        threshold: mean absolute difference, 0..1, from which on a picture has changed; at 0 every
            picture has.
        reach: sampled frames after which a picture always counts as changed.
    """

    threshold: float
    reach: int
    _last: dict[Hashable, tuple[int, NDArray[np.int16]]] = field(default_factory=dict, repr=False)

    def is_new(self, row: Hashable, t: int, picture: Image) -> bool:
        """Whether to encode a picture of sampled frame `t` of a row.

        Args:
            row: the row of the picture.
            t: sampled frame.
            picture: thumbnail (H, W, 3), of the same size throughout the row.
        """
        thumb = picture.astype(np.int16)
        before, last = self._last.get(row, (t - self.reach, thumb))
        if t - before < self.reach and np.abs(thumb - last).mean() < 255 * self.threshold:
            return False
        self._last[row] = t, thumb
        return True


def interpolate(
    known: NDArray[np.int64],
    features: NDArray[np.floating],
    row: NDArray[np.int64],
    time: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Features of all pictures, interpolated from the encoded ones.

    Between two encoded pictures of a row, features change linearly; after the last they stay as is.

    Args:
        known: (E,) numbers of the encoded pictures, including the first of each row.
        features: (E, D) their features.
        row: (N,) number of each picture's row.
        time: (N,) sampled frame of each picture.

    Returns:
        (N, D) features of length 1.

    Example:
        >>> row, time = np.zeros(3, int), np.arange(3)
        >>> interpolate(np.array([0, 2]), np.eye(2), row, time).astype(float).round(2).tolist()
        [[1.0, 0.0], [0.71, 0.71], [0.0, 1.0]]
    """
    n = len(row)
    slot = np.full(n, -1)
    slot[known] = np.arange(len(known))
    order = np.lexsort((time, row))
    is_encoded = slot[order] >= 0
    before = np.maximum.accumulate(np.where(is_encoded, np.arange(n), 0))
    after = np.minimum.accumulate(np.where(is_encoded, np.arange(n), n)[::-1])[::-1]
    beyond = after == n
    after[beyond] = before[beyond]
    other_row = row[order[after]] != row[order]
    after[other_row] = before[other_row]
    at, start, end = time[order], time[order[before]], time[order[after]]
    weight = ((at - start) / np.maximum(end - start, 1)).astype(np.float32)[:, None]
    values = np.asarray(features, np.float32)
    mixed = np.empty((n, values.shape[1]), np.float32)
    first, second = values[slot[order[before]]], values[slot[order[after]]]
    mixed[order] = first + weight * (second - first)
    return unit(mixed)
