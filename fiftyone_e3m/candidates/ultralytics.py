"""Boxes from an ultralytics model. The library is AGPL-3.0: optional, and imported only here."""

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
"""Below any useful threshold; `E3MConfig.conf` is applied later."""
PLACES = ("model", "data")
"""Ultralytics settings that are paths and do not affect the boxes."""


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Restores torch's number of threads, which ultralytics lowers by one for the whole process.

    On two cores an encoder would then take twice the time.
    """
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


class UltralyticsDetector:
    """Per-frame detection, without ultralytics' trackers, which keep state of the last video.

    Args:
        model: an `ultralytics.YOLO` (or RT-DETR, YOLO-World, ...) model.
        name: identifies the weights.
    """

    def __init__(self, model: Any, name: str) -> None:
        self.name = name
        self._model = model

    @classmethod
    def load(cls, weights: str) -> UltralyticsDetector:
        """Loads weights by name (ultralytics downloads them), path, or folder of an export.

        Raises:
            DetectorError: the weights cannot be loaded.
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
                "file, or use boxes that the dataset already has, with boxes_field."
            ) from error

    @property
    def fingerprint(self) -> str | None:
        """Identifies weights, classes, settings, device and library, but not the name.

        The weights are those of the torch model, hashed each time, as its classes can be set at any
        time, or the files of an export; None if they are on a server.
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
        """Identifies the files of an export, which may be large; None if they are not local."""
        files = Path(self._model.model)
        return file_fingerprint(files) if files.exists() else None

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of each RGB frame in one batched call; empty where nothing was detected."""
        bgr = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
        with _threads_kept():
            results = self._model.predict(bgr, conf=LOWEST_SCORE, verbose=False)
        return [self._boxes(result) for result in results]

    @staticmethod
    def _boxes(result: Any) -> Boxes:
        boxes = result.boxes
        if boxes is None or len(boxes) == 0:
            return Boxes.none()
        labels = [result.names[int(c)] for c in boxes.cls.tolist()]
        return Boxes.of(boxes.xyxy.cpu().numpy(), boxes.conf.cpu().numpy(), labels)
