"""Where models run: on a GPU of CUDA, on Apple's MPS, or on the CPU."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from threading import RLock
from typing import TYPE_CHECKING

from ..texts import Refusal

if TYPE_CHECKING:  # it takes seconds to import
    import torch

_ALONE = RLock()
"""Held while a model runs on MPS: torch ends the process if two threads use it at once."""


class DeviceError(Refusal):
    """A device is not there; the message says which are."""


def devices() -> list[str]:
    """The devices of this machine, the CPU last."""
    import torch

    n_cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return [*(f"cuda:{number}" for number in range(n_cuda)), *mps, "cpu"]


def chosen_device(asked: str | None = None) -> torch.device:
    """The device that models are put on.

    Args:
        asked: ``"cuda:<number>"``, ``"cuda"`` for torch's current one, ``"mps"`` or ``"cpu"``; None
            for that of the variable ``E3M_DEVICE``, else CUDA if available, else MPS, else the CPU.

    Raises:
        DeviceError: it is not there.
    """
    import torch

    there, given = devices(), _of_environment() if asked is None else asked
    usual = there[0].partition(":")[0]
    if given is not None and given not in (usual, *there):
        raise DeviceError(
            f"{'E3M_DEVICE' if asked is None else 'device'} is '{given}', but there is no such "
            f"device here. Use {' or '.join(there)}."
        )
    return torch.device(usual if given is None else given)


def check_device(asked: str | None) -> None:
    """Checks that the device of `chosen_device` is there.

    Raises:
        DeviceError: it is not.
    """
    if asked is not None or _of_environment() is not None:  # else there always is one
        chosen_device(asked)


def using(device: torch.device) -> AbstractContextManager[object]:
    """A context in which a model may run on its device.

    On CUDA this device is torch's current one within it, and the former one afterwards.
    """
    if device.type == "mps":
        return _ALONE
    if device.type == "cuda":
        import torch

        return torch.cuda.device(device)
    return nullcontext()


def release() -> None:
    """Gives the memory of models that nobody uses any longer back to their devices."""
    if "torch" in sys.modules and devices() != ["cpu"]:
        gc.collect()  # some models refer to themselves
        empty_caches()


def empty_caches() -> None:
    """Gives memory that torch keeps for later back to the devices."""
    torch = sys.modules.get("torch")  # which is slow to import, and not for nothing
    if torch and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch and torch.backends.mps.is_available():
        with _ALONE:
            torch.mps.empty_cache()


def _of_environment() -> str | None:
    return os.environ.get("E3M_DEVICE", "").strip() or None
