"""K-means as E3M uses it (scikit-learn does the work)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from .arrays import Float

RESTARTS = 10
MAX_STEPS = 50


def kmeans(x: Float, k: int, seed: int) -> NDArray[np.int64]:
    """Cluster numbers (N,) of `x` (N, D): k-means++, best of ten restarts.

    Fewer than `k` clusters come out where fewer rows differ. One thread: the problems are small,
    and two BLAS threads were five times slower than one.
    """
    k = min(k, len(np.unique(x, axis=0)))
    with threadpool_limits(1):
        model = KMeans(k, init="k-means++", n_init=RESTARTS, max_iter=MAX_STEPS, random_state=seed)
        return model.fit_predict(x.astype(np.float64)).astype(np.int64)
