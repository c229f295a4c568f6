"""Encoders: pictures and sentences to vectors in one space."""

from __future__ import annotations

from .base import BATCH, Encoder, EncoderError, batch_of
from .checked import Checked
from .factory import check_encoder, encoder_files, load_encoder
from .ration import Ration

__all__ = [
    "BATCH",
    "Checked",
    "Encoder",
    "EncoderError",
    "Ration",
    "batch_of",
    "check_encoder",
    "encoder_files",
    "load_encoder",
]
