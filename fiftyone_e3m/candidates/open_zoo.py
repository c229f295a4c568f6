"""Models of FiftyOne's zoo that take their classes as text: Grounding DINO, OmDet, OWL, YOLO-World.

FiftyOne sets the classes of a model when it loads it, so each list of classes has a model; those of
transformers share their weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import torch

from ..boxes import Boxes
from ..cache import digest
from ..cache.fingerprint import module_fingerprint
from ..encoders.devices import using
from ..video import Image
from . import open_vocabulary
from .caution import cautious
from .zoo import ZooDetector, load_model, loading

COPIES = 2
"""Models kept: of the video that is grounded and of the next one."""
LOWEST_SCORE = 0.01
"""Below any useful threshold; `E3MConfig.conf` is applied later."""
LIBRARIES = "fiftyone", "transformers", "ultralytics-opencv-headless", "ultralytics"
"""Whose versions may change what a model finds."""


def is_open(model: Any) -> bool:
    """Whether a model of the zoo can be given classes as text."""
    return _is_of_transformers(model) or open_vocabulary.is_open(getattr(model, "_model", None))


class OpenZoo:
    """Finds what it is asked for in words; without words, the classes that its zoo entry names.

    Args:
        model: a model of the zoo for which `is_open` holds.
        name: its zoo name.
        device: where it runs.
    """

    def __init__(self, model: Any, name: str, device: torch.device) -> None:
        self.name = f"zoo:{name}"
        self._model, self._zoo_name, self._device = model, name, device
        with using(device):
            weights = module_fingerprint(_network(model))
        self._weights = digest("zoo", name, weights, _versions(), device.type)
        self._copy = lru_cache(COPIES)(self._load)

    @classmethod
    def load(cls, model: Any, name: str, device: torch.device) -> OpenZoo:
        """Tries a model out.

        Raises:
            DetectorError: it cannot be given classes.
        """
        detector = cls(model, name, device)
        with loading(name):
            detector.prompted(["object"]).detect([np.zeros((64, 64, 3), np.uint8)])
        return detector

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of the classes that the zoo's entry names."""
        return ZooDetector(self._model, self._zoo_name, device=self._device).detect(frames)

    def prompted(self, prompts: Sequence[str]) -> ZooDetector:
        """A detector of these classes alone.

        Raises:
            DetectorError: it cannot be loaded.
        """
        return self._copy(tuple(prompts))

    def _load(self, prompts: tuple[str, ...]) -> ZooDetector:
        options: dict[str, Any] = {"classes": list(prompts), "confidence_thresh": LOWEST_SCORE}
        if _is_of_transformers(self._model):
            options["model"] = self._model._model
        # else ultralytics would install what its text encoder needs
        with nullcontext() if "model" in options else cautious(False):
            model = load_model(self._zoo_name, self._device, **options)
        fingerprint = digest("prompted", self._weights, prompts)
        return ZooDetector(model, self._zoo_name, fingerprint, prompts, self._device)


def _is_of_transformers(model: Any) -> bool:
    return hasattr(model, "text_prompts")


def _network(model: Any) -> Any:
    """The torch module of a model of the zoo."""
    return model._model if _is_of_transformers(model) else model._model.model


def _versions() -> list[str]:
    found = []
    for library in LIBRARIES:
        try:
            found.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            continue
    return found
