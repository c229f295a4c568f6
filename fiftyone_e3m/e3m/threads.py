"""Limits NumPy and scikit-learn to one thread for the small problems here."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """A context in which BLAS and OpenMP use one thread; two were up to five times slower."""
    return _controller().limit(limits=1)


@cache
def _controller() -> ThreadpoolController:
    """Created once: searching the process for its libraries takes milliseconds."""
    return ThreadpoolController()
