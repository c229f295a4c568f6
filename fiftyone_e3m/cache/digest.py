"""Keys of the cache: a short hash of anything made of plain values and arrays."""

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
        TypeError: a part is of another type.

    Example:
        >>> digest("ab", "c") == digest("a", "bc"), digest(1, [2.5]) == digest(1, [2.5])
        (False, True)
    """
    hasher = hashlib.blake2b(digest_size=16)
    _feed(hasher, parts)
    return hasher.hexdigest()


def _feed(hasher: Any, part: object) -> None:
    """Hashes a part after its type and length, so that adjacent parts cannot be confused."""
    if isinstance(part, np.ndarray):
        if part.dtype.hasobject:
            raise TypeError("an array of Python objects has no digest")
        hasher.update(f"array {part.dtype.str} {part.shape} ".encode())
        hasher.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, Mapping):
        hasher.update(b"mapping ")
        _feed(hasher, sorted(part.items()))
    elif isinstance(part, list | tuple):
        hasher.update(f"list {len(part)} ".encode())
        for item in part:
            _feed(hasher, item)
    elif part is None or isinstance(part, str | bytes | bool | int | float | np.generic):
        value = part.item() if isinstance(part, np.generic) else part
        data = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        hasher.update(f"{type(value).__name__} {len(data)} ".encode() + data)
    else:
        raise TypeError(f"{type(part).__name__} has no digest")
