"""What turns crops and sentences into vectors of one space."""

from __future__ import annotations

from .base import BATCH, Encoder, EncoderError, batch_of
from .factory import check_encoder, load_encoder

__all__ = ["BATCH", "Encoder", "EncoderError", "batch_of", "check_encoder", "load_encoder"]
