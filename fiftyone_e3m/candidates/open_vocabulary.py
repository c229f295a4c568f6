"""Ultralytics models of an open vocabulary, YOLO-World and YOLOE, which take their classes as text.

A model that has looked at a picture is fused with its classes for good, so each list of classes has
a copy of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from ..boxes import Boxes
from ..cache import digest
from ..encoders.devices import chosen_device, using
from ..video import Image
from .ultralytics import UltralyticsDetector, loading

COPIES = 2
"""Copies of a model kept: of the video that is grounded and of the next one."""


def is_open(model: Any) -> bool:
    """Whether the weights of an `ultralytics.YOLO` have an open vocabulary.

    Exports have none, nor has prompt-free YOLOE.
    """
    takes_classes = hasattr(model, "set_classes") and hasattr(model.model, "get_text_pe")
    return takes_classes and not hasattr(model.model.model[-1], "lrpc")


def takes_text(model: Any) -> bool:
    """Whether an `ultralytics.YOLO` of an open vocabulary is not yet fused with its classes."""
    return is_open(model) and not getattr(model.model.model[-1], "is_fused", False)


class OpenVocabulary:
    """Finds what it is asked for in words; without words, the classes that it was saved with.

    Args:
        model: an `ultralytics.YOLO` that takes text and has not looked at a picture.
        name: identifies the weights.
        trust_remote_code: load pickles of any content.
        device: where it runs; by default that of `chosen_device`.
    """

    def __init__(
        self,
        model: Any,
        name: str,
        trust_remote_code: bool = False,
        device: torch.device | None = None,
    ) -> None:
        self.name = name
        self._trusted = trust_remote_code
        self._device = device or chosen_device()
        self._model = model  # keeps the text encoder, once that is loaded
        self._blank = deepcopy(model)
        self.fingerprint = UltralyticsDetector(self._blank, name, device=self._device).fingerprint
        self._copy = lru_cache(COPIES)(self._make)

    @classmethod
    def load(
        cls,
        model: Any,
        weights: str,
        trust_remote_code: bool = False,
        device: torch.device | None = None,
    ) -> OpenVocabulary:
        """Tries a model out, with its text encoder, which ultralytics downloads on first use.

        Args:
            model: from `ultralytics.open_weights`.
            weights: name or path of its weights.
            trust_remote_code: load pickles of any content.
            device: where it runs; by default that of `chosen_device`.

        Raises:
            DetectorError: the text encoder cannot be loaded.
        """
        detector = cls(model, weights, trust_remote_code, device)
        detector.prompted(["object"]).detect([np.zeros((64, 64, 3), np.uint8)])
        return detector

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of the model's own classes."""
        return self._copy(()).detect(frames)

    def prompted(self, prompts: Sequence[str]) -> UltralyticsDetector:
        """A detector of these classes alone.

        Raises:
            DetectorError: the text encoder cannot be loaded.
        """
        return self._copy(tuple(prompts))

    def _make(self, prompts: tuple[str, ...]) -> UltralyticsDetector:
        copy, fingerprint = deepcopy(self._blank), self.fingerprint
        if prompts:
            with loading(self.name, self._trusted), using(self._device):
                _set_classes(copy, prompts, self._model.model)
            fingerprint = fingerprint and digest("prompted", fingerprint, prompts)
        return UltralyticsDetector(copy, self.name, fingerprint, self._device)


def _set_classes(model: Any, classes: Sequence[str], encoder: Any) -> None:
    """What `set_classes` does, but the text encoder is kept: it takes seconds to load."""
    from ultralytics import YOLOE

    text = encoder.get_text_pe(list(classes), cache_clip_model=True)
    if isinstance(model, YOLOE):
        model.set_classes(list(classes), text)
    else:
        model.model.txt_feats, model.model.names = text, list(classes)
        model.model.model[-1].nc = len(classes)
