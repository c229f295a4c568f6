"""Texts as an encoder reads them, each list of texts once."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .encoders import Encoder

MOST_LISTS = 1000
"""Lists of texts that are remembered per encoder."""

T = TypeVar("T")


class PerEncoder(Generic[T]):
    """One value per encoder, forgotten with it; encoders need be neither hashable nor different."""

    def __init__(self) -> None:
        self._values: dict[int, T] = {}

    def get(self, encoder: Encoder) -> T | None:
        """The encoder's value, None if it has none."""
        return self._values.get(id(encoder))

    def set(self, encoder: Encoder, value: T) -> T:
        """Gives an encoder its value, and returns it."""
        weakref.finalize(encoder, self._values.pop, id(encoder), None)
        self._values[id(encoder)] = value
        return value


_known: PerEncoder[dict[tuple[str, ...], NDArray[np.float32]]] = PerEncoder()


def encode_once(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Features (B, D) of length 1 of texts: the videos of a run share them.

    Lists are remembered as wholes: a feature's last digits depend on the other texts of its batch,
    and an answer must not depend on what was asked before.
    """
    known, key = _known.get(encoder), tuple(texts)
    if known is None:
        known = _known.set(encoder, {})
    if key not in known:
        if len(known) == MOST_LISTS:
            known.pop(next(iter(known)))
        known[key] = encoder.encode_texts(key)
    return known[key]
