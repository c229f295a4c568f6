"""Boxes from an ultralytics model. The library is AGPL-3.0: an extra, imported only here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..boxes import Boxes
from ..cache import digest
from ..cache.fingerprint import file_fingerprint, module_fingerprint
from ..encoders.torch_images import default_device
from ..video import Image
from .base import DetectorError

LOWEST_SCORE = 0.01
"""Below any useful threshold; `E3MConfig.conf` decides later."""
PLACES = ("model", "data")
"""Settings of an ultralytics model that say where something is, not what it does."""


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Leaves torch's threads as they are; ultralytics takes one away from all that follows it.

    On two cores an encoder would take twice the time.
    """
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


class UltralyticsDetector:
    """Per-frame detection; ultralytics' trackers are not used, as they remember the last video.

    Args:
        model: an `ultralytics.YOLO` (or RT-DETR, YOLO-World, ...) model.
        name: identifies the weights.
    """

    def __init__(self, model: Any, name: str) -> None:
        self.name = name
        self._model = model

    @classmethod
    def load(cls, weights: str) -> UltralyticsDetector:
        """Loads weights by name (fetched by ultralytics), path, or folder of an export.

        Raises:
            DetectorError: the weights cannot be had.
        """
        from ultralytics import YOLO

        try:
            detector = cls(YOLO(weights, task="detect"), weights)
            detector.detect([np.zeros((64, 64, 3), np.uint8)])  # exports are opened only now
            return detector
        except Exception as error:
            raise DetectorError(
                f"The weights of detector '{weights}' could not be loaded "
                f"({type(error).__name__}: {error}). Without a network, give the path of a weights "
                "file, or ground over boxes that the dataset already has, with boxes_field."
            ) from error

    @property
    def fingerprint(self) -> str | None:
        """Identifies weights, classes, settings, device and library, not the name.

        The weights are those of the torch model, found anew each time, as its classes can be set
        at any time, or the files of an export; None if they are on a server.
        """
        import ultralytics

        model = self._model.model
        if isinstance(model, (str, Path)):
            weights = self._export
        else:
            weights = digest(module_fingerprint(model), repr(model.names))
        if weights is None:
            return None
        settings = {k: str(v) for k, v in self._model.overrides.items() if k not in PLACES}
        rest = sorted(settings.items()), LOWEST_SCORE, default_device().type
        return digest("ultralytics", ultralytics.__version__, weights, rest)

    @cached_property
    def _export(self) -> str | None:
        """Identifies the files of an export, which may be large; None if there are none here."""
        files = Path(self._model.model)
        return file_fingerprint(files) if files.exists() else None

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of each RGB frame in one batched call; empty ones where nothing was found."""
        bgr = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
        with _threads_kept():
            results = self._model.predict(bgr, conf=LOWEST_SCORE, verbose=False)
        return [self._boxes(result) for result in results]

    @staticmethod
    def _boxes(result: Any) -> Boxes:
        found = result.boxes
        if found is None or len(found) == 0:
            return Boxes.none()
        labels = [result.names[int(c)] for c in found.cls.tolist()]
        return Boxes.of(found.xyxy.cpu().numpy(), found.conf.cpu().numpy(), labels)
