"""Fingerprints that tell models apart, so that no model is given another's cached results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .digest import digest

ROW = 1021
"""Words of 8 bytes that a tensor is folded into; a prime, so that swapped rows are noticed too."""

Setting = tuple[str, str, object]


def module_fingerprint(module: torch.nn.Module) -> str:
    """Identifies a torch model by every value of its weights, its settings, precision and device.

    The source of the weights and their memory layout do not matter. ViT-B/32 (600 MB) takes about
    50 ms.
    """
    weights = [
        (name, tuple(tensor.shape), str(tensor.dtype), tensor.device.type, _folded(tensor))
        for name, tensor in module.state_dict().items()
    ]
    version = torch.__version__.split(".")[:2]
    return digest(version, repr(module), repr(list(_settings(module))), weights)


def file_fingerprint(path: Path) -> str:
    """Identifies a file by its content, or a folder by the names and contents of its files."""
    if path.is_file():
        return digest(path.read_bytes())
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return digest([(file.relative_to(path).as_posix(), file_fingerprint(file)) for file in files])


def _folded(tensor: torch.Tensor) -> tuple[NDArray[np.uint64], bytes]:
    """At most 16 kB that depend on every value: the rows of words XORed together, and the rest."""
    raw = tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy()
    end = len(raw) // (8 * ROW) * 8 * ROW
    rows = raw[:end].view(np.uint64).reshape(-1, ROW)
    return np.bitwise_xor.reduce(rows), raw[end:].tobytes()


def _settings(module: torch.nn.Module) -> Iterator[Setting]:
    """Settings that neither weights nor `repr` show: numbers of heads, kinds of pooling."""
    for place, part in module.named_modules():
        for name, value in sorted(vars(part).items()):
            plain = isinstance(value, (bool, int, float, str))
            if plain and not name.startswith("_") and "path" not in name:
                yield place, name, value
