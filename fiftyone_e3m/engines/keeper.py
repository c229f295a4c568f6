"""The model that was used last, which the next request is often about as well."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock, Timer
from typing import Generic, TypeVar

from ..encoders import release

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds after its last use that a model stays loaded: while somebody corrects one tube after
another, but not overnight."""


class Keeper(Generic[T]):
    """Loads a model, and keeps it until another is wanted or nobody has wanted it for a while.

    Args:
        load: makes a model from what is wanted.
    """

    def __init__(self, load: Callable[..., T]) -> None:
        self._load = load
        self._held: dict[tuple[Hashable, ...], T] = {}
        self._lock, self._timer = Lock(), Timer(PATIENCE, self.drop)

    def get(self, *wanted: Hashable) -> T:
        """The model for these arguments of `load`."""
        with self._lock:
            self._timer.cancel()
            if wanted not in self._held:
                self._drop()  # first, as there may be no room for two
                self._held[wanted] = self._load(*wanted)
            self._timer = Timer(PATIENCE, self.drop)
            self._timer.daemon = True
            self._timer.start()
            return self._held[wanted]

    def drop(self) -> None:
        """Lets go of the model; who uses it can finish."""
        with self._lock:
            self._timer.cancel()
            self._drop()

    def _drop(self) -> None:
        if self._held:
            self._held.clear()
            release()
