"""Keys of the cache: a short text that stands for anything made of plain values and arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def digest(*parts: object) -> str:
    """A key of 32 hexadecimal characters for anything made of plain values and arrays.

    Args:
        parts: strings, bytes, numbers, None, arrays, and lists, tuples or mappings of these.

    Raises:
        TypeError: a part is of another kind.

    Example:
        >>> digest("ab", "c") == digest("a", "bc"), digest(1, [2.5]) == digest(1, [2.5])
        (False, True)
    """
    known = hashlib.blake2b(digest_size=16)
    _feed(known, parts)
    return known.hexdigest()


def _feed(known: Any, part: object) -> None:
    """Each part with its kind and length before it, so that no two texts run into each other."""
    if isinstance(part, np.ndarray):
        if part.dtype.hasobject:
            raise TypeError("an array of Python objects has no digest")
        known.update(f"array {part.dtype.str} {part.shape} ".encode())
        known.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, Mapping):
        known.update(b"mapping ")
        _feed(known, sorted(part.items()))
    elif isinstance(part, list | tuple):
        known.update(f"list {len(part)} ".encode())
        for item in part:
            _feed(known, item)
    elif part is None or isinstance(part, str | bytes | bool | int | float | np.generic):
        value = part.item() if isinstance(part, np.generic) else part
        data = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        known.update(f"{type(value).__name__} {len(data)} ".encode() + data)
    else:
        raise TypeError(f"{type(part).__name__} has no digest")
