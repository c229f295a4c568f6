"""How many pictures or frames a model takes at a time, when memory is short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from numpy.typing import NDArray

from .devices import empty_caches

T = TypeVar("T")

_RATIONS: WeakKeyDictionary[Any, Ration] = WeakKeyDictionary()


class Ration:
    """The largest batch of a model that fits into memory: halved each time that one does not.

    It is kept as long as the model, so that later batches do not fail again.

    Attributes:
        size: the most items of a call; None as long as all batches have fitted.
    """

    def __init__(self) -> None:
        self.size: int | None = None

    @classmethod
    def of(cls, model: object) -> Ration:
        """The ration of a model, which is a new one for a model that is not known yet."""
        try:
            return _RATIONS.setdefault(model, cls())
        except TypeError:  # an object that cannot be referred to weakly
            return cls()

    def note(self, before: int | None, model: str) -> list[str]:
        """A sentence on what was halved since the size was `before`, if anything was."""
        if self.size == before:
            return []
        return [f"Memory ran out: {model} was given at most {self.size} pictures at a time."]

    def serve(self, call: Callable[[Any], T], items: Sequence[Any] | NDArray[Any]) -> list[T]:
        """Calls a model with parts of a batch that fit into memory, and usually with all of it.

        Args:
            call: the model; gives the same for an item, whatever else is in its batch.
            items: the batch, of one item or more.

        Returns:
            What each call returned, in order.

        Raises:
            Exception: any error of the model, that of a single item that does not fit too.
        """
        served, start = [], 0
        while start < len(items):
            size = min(self.size or len(items), len(items) - start)
            try:
                served.append(call(items[start : start + size]))
            except Exception as error:
                if size == 1 or not _out_of_memory(error):
                    raise
                self.size = size // 2
            else:
                start += size
                continue
            empty_caches()  # only now, as the error refers to what the call has allocated
        return served


def _out_of_memory(error: Exception) -> bool:
    """Whether an error is that of NumPy, CUDA, Apple's MPS or torch's allocator on a CPU."""
    text = str(error).lower()
    torchs = isinstance(error, RuntimeError) and ("out of memory" in text or "alloc" in text)
    return torchs or isinstance(error, MemoryError)
