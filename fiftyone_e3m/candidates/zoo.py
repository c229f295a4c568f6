"""Boxes from a detection model of the FiftyOne model zoo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..boxes import Boxes
from ..encoders import Download
from ..encoders.devices import chosen_device, using
from ..video import Image
from .base import DetectorError


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Whatever fails becomes an error that says what to do.

    Raises:
        DetectorError: something failed.
    """
    try:
        yield
    except DetectorError:
        raise
    except Exception as error:
        raise DetectorError(
            f"The FiftyOne zoo model '{name}' could not be loaded "
            f"({type(error).__name__}: {error}). `fiftyone zoo models list` lists all "
            "models; each is downloaded on first use."
        ) from error


def load_model(name: str, device: torch.device, **options: Any) -> Any:
    """A model of FiftyOne's zoo, which FiftyOne downloads on first use.

    Args:
        name: its zoo name.
        device: where it runs; a model of a remote source chooses that itself.
        options: passed on to its configuration.

    Raises:
        DetectorError: FiftyOne has no such model, or cannot download or load it.
    """
    import fiftyone.zoo as foz

    with loading(name), using(device):
        shared = not options
        if foz.get_zoo_model(name).default_deployment_config_dict is not None:
            options["device"] = str(device)
        return foz.load_zoo_model(name, cache=shared, **options)


class ZooDetector:
    """Wraps a FiftyOne model that predicts `Detections`.

    Args:
        model: a `fiftyone.core.models.Model`.
        name: its zoo name.
        fingerprint: identifies the model and what it finds; None if that is not known.
        prompts: what the model was asked for in words, if it was.
        device: where it runs; by default that of `chosen_device`.
    """

    def __init__(
        self,
        model: Any,
        name: str,
        fingerprint: str | None = None,
        prompts: Sequence[str] = (),
        device: torch.device | None = None,
    ) -> None:
        self.name, self.fingerprint = f"zoo:{name}", fingerprint
        self._model, self._prompts = model, prompts
        self._device = device or chosen_device()

    @classmethod
    def load(cls, model: Any, name: str, device: torch.device) -> ZooDetector:
        """Tries a model out.

        Raises:
            DetectorError: it cannot be run, or predicts something other than `Detections`.
        """
        detector = cls(model, name, device=device)
        with loading(name):
            detector.detect([np.zeros((64, 64, 3), np.uint8)])
        return detector

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of each RGB frame, in one call where the model takes batches.

        Raises:
            DetectorError: the model predicts something other than `Detections`.
        """
        with using(self._device), self._model:
            if self._takes_batches():
                predictions = self._model.predict_all(list(frames))
            else:
                predictions = [self._model.predict(frame) for frame in frames]
        return [
            self._boxes(prediction, frame)
            for prediction, frame in zip(predictions, frames, strict=True)
        ]

    def _takes_batches(self) -> bool:
        try:
            return not self._model.ragged_batches
        except NotImplementedError:
            return False

    def _boxes(self, prediction: Any, frame: Image) -> Boxes:
        if prediction is None:
            return Boxes.none()
        if not hasattr(prediction, "detections"):
            raise DetectorError(
                f"'{self.name}' predicts {type(prediction).__name__}, not Detections. Choose a "
                "detection model."
            )
        height, width = frame.shape[:2]
        detections = prediction.detections
        return Boxes.from_relative(
            [detection.bounding_box for detection in detections],
            [self._label(detection.label) for detection in detections],
            [detection.confidence for detection in detections],
            width,
            height,
        )

    def _label(self, label: str | None) -> str | None:
        """A label as one of the prompts: Grounding DINO answers with pieces of all of them."""
        if not self._prompts or label in self._prompts:
            return label
        return max((p for p in self._prompts if p in (label or "")), key=len, default="")


def missing_zoo_weights(name: str) -> Download | None:
    """What FiftyOne has to download before it can load a zoo model; None if there is no such."""
    import fiftyone.zoo as foz

    try:
        model = foz.get_zoo_model(name)
        if foz.is_zoo_model_downloaded(name) is not False:
            return None
    except ValueError:
        return None
    size = model.size_bytes
    return Download(f"zoo:{name}", "FiftyOne's model zoo", size and round(size / 1e6))


def zoo_entry(name: str) -> Any:
    """What FiftyOne's zoo knows of a model.

    Raises:
        DetectorError: it has no such model.
    """
    import fiftyone.zoo as foz

    with loading(name):
        return foz.get_zoo_model(name)


def zoo_weights_here(name: str) -> list[Path]:
    """The file or folder of a zoo model's weights, if FiftyOne has downloaded it."""
    import fiftyone.zoo as foz

    try:
        return [Path(foz.find_zoo_model(name))] if foz.is_zoo_model_downloaded(name) else []
    except ValueError:
        return []


def loads_more(name: str) -> bool:
    """Whether a zoo model loads other things than the weights that FiftyOne downloads.

    Models of transformers, and text encoders, come from hubs when the model is loaded.
    """
    import fiftyone.zoo as foz

    return not foz.is_zoo_model_downloaded(name) or zoo_entry(name).has_tag("zero-shot")
