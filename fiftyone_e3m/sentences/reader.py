"""Encodes texts, each list of texts once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..cache import Arrays, Cache, Key, digest, get_or_make
from ..encoders import Encoder
from .unrelated import SENTENCES

MOST_LISTS = 1000
"""Lists of texts whose features are kept in memory."""


class TextReader:
    """Turns texts into vectors during a run, whose videos share the results.

    Args:
        encoder: encodes the texts.
        cache: keeps features of the unrelated sentences from run to run, for encoders with a
            `fingerprint`.
    """

    def __init__(self, encoder: Encoder, cache: Cache | None = None) -> None:
        self._encoder, self._cache = encoder, cache
        self._read: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (B, D) of length 1.

        Lists are kept as a whole: a feature's last digits depend on the other texts in its batch,
        and an answer must not depend on earlier queries.
        """
        key = tuple(texts)
        if key not in self._read:
            if len(self._read) == MOST_LISTS:
                self._read.pop(next(iter(self._read)))
            self._read[key] = self._encoder.encode_texts(key)
        return self._read[key]

    @cached_property
    def unrelated(self) -> NDArray[np.float32]:
        """Features (R, D) of the unrelated sentences."""
        fingerprint = getattr(self._encoder, "fingerprint", None) if self._cache else None
        key = Key(digest("texts", fingerprint), digest(SENTENCES)) if fingerprint else None

        def make() -> Arrays:
            return {"features": self._encoder.encode_texts(SENTENCES)}

        return get_or_make(self._cache, key, make)["features"]
