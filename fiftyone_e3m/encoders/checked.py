"""An encoder whose output is checked before anybody uses or caches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import Encoder, EncoderError
from .blame import blamed

SHORTEST = 1e-3
"""Length of a vector below which it means nothing; it should be 1."""


class Checked:
    """An encoder that refuses vectors which would spoil results, and says whose they are.

    Args:
        encoder: what is checked; its other members, the optional ones too, are passed through.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._size: int | None = None
        self.name, self.notice = encoder.name, encoder.notice
        self.image_size = encoder.image_size

    def __getattr__(self, member: str) -> Any:
        return getattr(self._encoder, member)

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, D) of images, as the encoder gives them.

        Raises:
            EncoderError: they are not B finite vectors of one size.
        """
        return self._vectors(self._encoder.encode_images(images), len(images), "pictures")

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (B, D) of sentences, as the encoder gives them.

        Raises:
            EncoderError: they are not B finite vectors of the size of its pictures, or it failed.
        """
        with blamed(EncoderError, f"Encoder '{self.name}'"):
            vectors = self._encoder.encode_texts(texts)
        return self._vectors(vectors, len(texts), "sentences")

    def exceeds_context(self, text: str) -> bool:
        """Whether a sentence is longer than the encoder can read."""
        return self._encoder.exceeds_context(text)

    def _vectors(self, given: Any, n: int, what: str) -> NDArray[np.float32]:
        try:
            vectors = np.asarray(given)
        except (TypeError, ValueError, RuntimeError):  # ragged lists, tensors of another device
            vectors = np.empty(0, object)
        if vectors.dtype.kind != "f":
            raise self._refusal(what, f"a {type(given).__name__} that is no array of real numbers")
        if vectors.ndim != 2 or len(vectors) != n:
            raise self._refusal(what, f"an array of shape {vectors.shape} for {n} of them")
        if self._size not in (None, vectors.shape[1]):
            sizes = f"vectors of {vectors.shape[1]} numbers, and before of {self._size}"
            raise self._refusal(what, sizes)
        with np.errstate(over="ignore"):
            vectors = vectors.astype(np.float32, copy=False)
        if n_bad := int((~np.isfinite(vectors).all(axis=1)).sum()):
            raise self._refusal(what, f"NaN or infinite numbers for {n_bad} of {n}")
        if n_bad := int((np.linalg.norm(vectors, axis=1) < SHORTEST).sum()):
            raise self._refusal(what, f"vectors of zeros for {n_bad} of {n}")
        self._size = vectors.shape[1]
        return vectors

    def _refusal(self, what: str, returned: str) -> EncoderError:
        return EncoderError(
            f"Encoder '{self.name}' returned {returned}, when it was given {what}; it must return "
            "one finite vector of length 1 for each. Check its weights and its precision."
        )
