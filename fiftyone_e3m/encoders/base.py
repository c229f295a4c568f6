"""What the pipeline asks of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

BATCH = 16
"""Images per call; larger batches are no faster on a CPU (convolutions even get slower)."""
CUDA_BATCH = 256
"""Images per call on a GPU, which a small batch leaves idle for most of the time."""

BF16 = "bf16:"
"""Before the name of an open_clip model: computed in bfloat16, which some CPUs do twice as fast."""


class EncoderError(Exception):
    """An encoder cannot be loaded; the message is a sentence that says why and what to do."""


@runtime_checkable
class Encoder(Protocol):
    """Any object with these members can be given as `encoder`.

    It may have two more, which are not asked of it:

    * `batch`, an int: images per call; `BATCH` without it.
    * `fingerprint`, a str: identifies architecture, weights, precision and device. What was encoded
      once need not be encoded again by an encoder that has the same. None, or without it: nothing
      is kept on disk. The model must not change while it is in use.

    Attributes:
        name: identifies architecture and weights, for run records.
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
        """Features (B, D) of length 1 of sentences; what exceeds the context length is cut off."""
        ...

    def exceeds_context(self, text: str) -> bool:
        """Whether a sentence is longer than the encoder can read."""
        ...


def batch_of(encoder: Encoder) -> int:
    """Images that an encoder is given per call; the last call of a video may have fewer."""
    return int(getattr(encoder, "batch", BATCH))
