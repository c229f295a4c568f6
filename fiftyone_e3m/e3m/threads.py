"""How many threads NumPy and scikit-learn use for the small problems here: one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """A context in which BLAS and OpenMP use one thread: two were up to five times slower."""
    return _controller().limit(limits=1)


@cache
def _controller() -> ThreadpoolController:
    """Looked up once: to search the process for libraries takes milliseconds."""
    return ThreadpoolController()
