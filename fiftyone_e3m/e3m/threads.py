"""How many threads NumPy and scikit-learn use for the small problems here: one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Literal

from threadpoolctl import ThreadpoolController


def one_thread(api: Literal["blas"] | None = None) -> AbstractContextManager[object]:
    """A context in which BLAS and OpenMP use one thread: two were up to five times slower.

    Args:
        api: ``"blas"`` leaves OpenMP alone, which torch needs where a model may run inside.
    """
    return _controller().limit(limits=1, user_api=api)


@cache
def _controller() -> ThreadpoolController:
    """Looked up once: to search the process for libraries takes milliseconds."""
    return ThreadpoolController()
