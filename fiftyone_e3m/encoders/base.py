"""What the pipeline requires of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..texts import Refusal

BATCH = 16
"""Images per call on a CPU, where larger batches are no faster (convolutions even get slower)."""
CUDA_BATCH = 256
"""Images per call on a GPU, which small batches leave idle most of the time."""

BF16 = "bf16:"
"""Prefix of an open_clip model: compute in bfloat16, which is twice as fast on some CPUs."""


class EncoderError(Refusal):
    """An encoder cannot be loaded; the message says why and what to do."""


@runtime_checkable
class Encoder(Protocol):
    """Any object with these members can be given as `encoder`.

    Three more are optional:

    * `batch`, an int: images per call; if missing, `BATCH`.
    * `fingerprint`, a str: identifies architecture, weights, precision and device. Encoders with
      the same fingerprint share cached features. If it is None or missing, features are not cached.
      The model must not change while it is in use.
    * `calibrated`, a bool: whether the constants of `e3m.confidence` were fitted with it, so that
      its confidence needs no calibration; if missing, False.

    Attributes:
        name: identifies architecture and weights in run records.
        notice: one sentence on what the encoder cannot do, or None.
        image_size: height and width in pixels of the images it takes.
    """

    name: str
    notice: str | None
    image_size: tuple[int, int]

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, D) of length 1 of images (B, H, W, 3), RGB, already of `image_size`."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (B, D) of length 1 of sentences, which are truncated to the context length."""
        ...

    def exceeds_context(self, text: str) -> bool:
        """Whether a sentence is longer than the encoder can read."""
        ...


def batch_of(encoder: Encoder) -> int:
    """Images per call of an encoder; the last call of a video may have fewer."""
    return int(getattr(encoder, "batch", BATCH))
