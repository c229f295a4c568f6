"""K-means as E3M uses it (scikit-learn does the work)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from .arrays import Floats

RESTARTS, MAX_STEPS = 10, 50
"""Of K-means, of which the best restart counts."""


def kmeans(x: Floats, k: int, seed: int) -> NDArray[np.int64]:
    """Cluster numbers (N,) of `x` (N, D): k-means++, best of ten restarts.

    Fewer than `k` clusters come out where fewer rows differ. `x` may come out rounded: for an hour
    of video, a copy of it has 40 MB.
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
    seen: set[bytes] = set()
    for row in x:
        seen.add(row.tobytes())
        if len(seen) == most:
            break
    return len(seen)
