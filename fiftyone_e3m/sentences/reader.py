"""Texts as an encoder reads them, each list of texts once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..cache import Arrays, Cache, Key, digest, get_or_make
from ..encoders import Encoder
from .unrelated import NOUNS, SENTENCES, Unrelated

MOST_LISTS = 1000
"""Lists of texts that are remembered."""


class TextReader:
    """Turns texts into vectors for as long as a run lasts; its videos share what it has read.

    Args:
        encoder: reads them.
        cache: keeps the unrelated texts from run to run, for encoders with a `fingerprint`.
    """

    def __init__(self, encoder: Encoder, cache: Cache | None = None) -> None:
        self._encoder, self._cache = encoder, cache
        self._read: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (B, D) of length 1.

        Lists are remembered as wholes: a feature's last digits depend on the other texts of its
        batch, and an answer must not depend on what was asked before.
        """
        key = tuple(texts)
        if key not in self._read:
            if len(self._read) == MOST_LISTS:
                self._read.pop(next(iter(self._read)))
            self._read[key] = self._encoder.encode_texts(key)
        return self._read[key]

    def classes(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Features (K, D) of class names; those among the unrelated nouns are known already."""
        known = dict(zip(NOUNS, self.unrelated.nouns, strict=True))
        new = sorted(set(names) - set(known))
        if new:
            known.update(zip(new, self.read(new), strict=True))
        return np.stack([known[name] for name in names])

    @cached_property
    def unrelated(self) -> Unrelated:
        """The unrelated texts."""
        texts = [*SENTENCES, *NOUNS]
        fingerprint = getattr(self._encoder, "fingerprint", None)
        key = Key(digest("texts", fingerprint), digest(texts)) if fingerprint else None

        def make() -> Arrays:
            return {"features": self._encoder.encode_texts(texts)}

        features = get_or_make(self._cache, key, make)["features"]
        return Unrelated(features[: len(SENTENCES)], features[len(SENTENCES) :])
