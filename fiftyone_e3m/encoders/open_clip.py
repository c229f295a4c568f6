"""Any image-text model that open_clip can load."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray

from ..cache import digest
from ..cache.fingerprint import module_fingerprint
from .base import BF16
from .checkpoint import Checkpoint
from .context import truncates
from .devices import chosen_device, using
from .short_texts import encode_text
from .torch_images import Normaliser, batch_on, layout_on, unit_array

PROBE = "A man, who rides 2 bicycles!"
"""A text whose tokens tell tokenizers apart."""


class OpenClipEncoder:
    """An open_clip model with its own preprocessing constants.

    Images arrive already resized to the square input without keeping their aspect ratio (as in
    ReCLIP), so only the normalisation of open_clip's transform remains.

    Args:
        model: an open_clip model with image and text towers.
        tokenizer: its tokenizer.
        name: identifies architecture and weights.
        device: where the model runs; by default that of `chosen_device`.
        dtype: its precision; by default half on CUDA and single elsewhere.
        notice: one sentence on what its user should know, or None.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        tokenizer: Any,
        name: str,
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
        notice: str | None = None,
    ) -> None:
        self.name, self.notice = name, notice
        device = device or chosen_device()
        dtype = dtype or (torch.float16 if device.type == "cuda" else torch.float32)
        self._model: Any = model.eval().to(device, dtype, memory_format=layout_on(device))
        self._device = next(model.parameters()).device  # with its number, whatever becomes current
        self.batch = batch_on(device)
        self._tokenizer = tokenizer
        preprocess = open_clip.get_model_preprocess_cfg(model)
        size = preprocess["size"]
        self.image_size = (size, size) if isinstance(size, int) else (size[0], size[1])
        self._constants = preprocess["mean"], preprocess["std"]
        self._normalised = Normaliser(*self._constants, self.image_size[1], self._device, dtype)

    @classmethod
    def load(
        cls, spec: str, device: torch.device, trust_remote_code: bool = False
    ) -> OpenClipEncoder:
        """Loads ``"<model>/<tag or checkpoint>"``, ``"local-dir:<folder>"`` or ``"hf-hub:<repo>"``.

        With the prefix ``"bf16:"`` any of these computes in bfloat16. That takes half the time on a
        CPU with AVX512-BF16, and is meant only for CPUs with such instructions. Measured cosines
        with single precision: ViT-B/32 with random weights .9999, a trained EfficientNet .998
        (median).

        Args:
            spec: the encoder.
            device: where it runs.
            trust_remote_code: run program code that its tokenizer brings along.

        Raises:
            EncoderError: unknown model or tag, the weights or the tokenizer are not local and
                cannot be downloaded, or they bring code that is not trusted.
        """
        plain = spec.removeprefix(BF16)
        model, tokenizer, notice = Checkpoint.of(plain, spec).load(trust_remote_code)
        dtype = None if plain == spec else torch.bfloat16
        return cls(model, tokenizer, spec, device, dtype, notice)

    @cached_property
    def fingerprint(self) -> str:
        """Identifies model, weights, precision, device, preprocessing and tokenizer, not the name.

        The same weights have the same fingerprint, wherever they were loaded from.
        """
        tokens = self._tokenizer([PROBE]).numpy()
        with using(self._device):
            model = module_fingerprint(self._model)
        return digest("open_clip", model, self._constants, self.image_size, tokens)

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, D) of length 1 of images (B, H, W, 3), RGB."""
        with using(self._device), torch.inference_mode():
            return unit_array(self._model.encode_image(self._normalised(images)))

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (B, D) of length 1 of sentences."""
        tokens = self._tokenizer(list(texts))
        with using(self._device), torch.inference_mode():
            return unit_array(encode_text(self._model, tokens.to(self._device)))

    def exceeds_context(self, text: str) -> bool:
        """Whether the tokenizer would truncate the sentence."""
        return truncates(self._tokenizer, text)
