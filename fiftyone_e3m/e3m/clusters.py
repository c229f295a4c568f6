"""K-means as E3M uses it (a wrapper of scikit-learn)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from .arrays import Floats

RESTARTS, MAX_STEPS = 10, 50
"""K-means restarts, of which the best is used, and most iterations of each."""


def kmeans(x: Floats, k: int, seed: int) -> NDArray[np.int64]:
    """Cluster numbers (N,) of `x` (N, D): k-means++, best of ten restarts.

    There are fewer than `k` clusters if fewer rows differ. `x` is not copied, which would take
    40 MB for an hour of video, and may change by rounding.
    """
    k = _distinct(x, k)
    model = KMeans(
        k,
        init="k-means++",
        n_init=RESTARTS,
        max_iter=MAX_STEPS,
        random_state=seed,
        copy_x=False,
    )
    return model.fit_predict(np.asarray(x, np.float64)).astype(np.int64)


def _distinct(x: Floats, most: int) -> int:
    """How many rows differ, counted up to `most`."""
    distinct: set[bytes] = set()
    for row in x:
        distinct.add(row.tobytes())
        if len(distinct) == most:
            break
    return len(distinct)
