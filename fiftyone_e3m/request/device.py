"""Checks of the device that a request names."""

from __future__ import annotations

from collections.abc import Sequence

from ..encoders import DeviceError, check_device
from .arguments import check_text
from .errors import GroundingError


def check_given(device: str, objects: Sequence[str], engine: str) -> None:
    """Checks a device that was given against the models and the engine.

    Args:
        device: the device.
        objects: the models that were given as objects, "encoder" and "detector".
        engine: which processes do the work.

    Raises:
        GroundingError: they cannot be put there.
    """
    check_text("device", device)
    if objects:
        raise GroundingError(
            f"device is '{device}', but the {' and the '.join(objects)} given as an object would "
            "stay elsewhere. Give a name instead, or put it there yourself and leave out device: "
            "models given by name then run on the device in E3M_DEVICE."
        )
    if engine == "ray" and ":" in device:
        raise GroundingError(
            f"device is '{device}', but each worker of Ray is given GPUs, which it numbers from 0. "
            "Use 'cuda', and num_gpus in RayOptions for their number."
        )


def check_there(device: str | None) -> None:
    """Checks, where the models are to run, that their device is there.

    Raises:
        GroundingError: it is not.
    """
    try:
        check_device(device)
    except DeviceError as error:
        raise GroundingError(str(error)) from None
