"""Encoders: pictures and sentences to vectors in one space."""

from __future__ import annotations

from .base import BATCH, Encoder, EncoderError, batch_of
from .blame import blamed
from .checked import Checked
from .context import unread_end
from .devices import DeviceError, check_device, chosen_device, devices, release
from .factory import check_encoder, check_model, load_encoder, missing_reader
from .licences import licence_of
from .names import BUNDLED, encoder_files
from .offline import offline
from .ration import Ration
from .weights import Download, missing_weights, weights_here

__all__ = [
    "BATCH",
    "BUNDLED",
    "Checked",
    "DeviceError",
    "Download",
    "Encoder",
    "EncoderError",
    "Ration",
    "batch_of",
    "blamed",
    "check_device",
    "check_encoder",
    "check_model",
    "chosen_device",
    "devices",
    "encoder_files",
    "licence_of",
    "load_encoder",
    "missing_reader",
    "missing_weights",
    "offline",
    "release",
    "unread_end",
    "weights_here",
]
