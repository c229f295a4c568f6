"""Encoders: pictures and sentences to vectors in one space."""

from __future__ import annotations

from .base import BATCH, Encoder, EncoderError, batch_of
from .checked import Checked
from .devices import DeviceError, check_device, chosen_device, devices, release
from .factory import check_encoder, load_encoder
from .names import encoder_files
from .ration import Ration
from .weights import Download, missing_weights

__all__ = [
    "BATCH",
    "Checked",
    "DeviceError",
    "Download",
    "Encoder",
    "EncoderError",
    "Ration",
    "batch_of",
    "check_device",
    "check_encoder",
    "chosen_device",
    "devices",
    "encoder_files",
    "load_encoder",
    "missing_weights",
    "release",
]
