"""Texts as an encoder reads them, each list of texts once."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from .encoders import Encoder

MOST_LISTS = 1000
"""Lists of texts that are remembered per encoder."""

_known: WeakKeyDictionary[Encoder, dict[tuple[str, ...], NDArray[np.float32]]] = WeakKeyDictionary()


def encode_once(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Features (B, D) of length 1 of texts: the videos of a run share them.

    Lists are remembered as wholes: a feature's last digits depend on the other texts of its batch,
    and an answer must not depend on what was asked before.
    """
    known, key = _known.setdefault(encoder, {}), tuple(texts)
    if key not in known:
        if len(known) == MOST_LISTS:
            known.pop(next(iter(known)))
        known[key] = encoder.encode_texts(key)
    return known[key]
