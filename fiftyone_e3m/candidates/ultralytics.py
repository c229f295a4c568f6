"""Boxes from an ultralytics model. The library is AGPL-3.0: optional, and imported only here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch

from ..boxes import Boxes
from ..cache import digest
from ..cache.fingerprint import file_fingerprint, module_fingerprint
from ..encoders.devices import chosen_device, using
from ..video import Image
from .base import DetectorError
from .caution import cautious

LOWEST_SCORE = 0.01
"""Below any useful threshold; `E3MConfig.conf` is applied later."""
NMS_SECONDS = 2.0
"""Ultralytics stops its non-maximum suppression of a batch after this time and .05 s per frame."""
INSTALL = {"clip": "pip install git+https://github.com/ultralytics/CLIP.git"}
"""How to install packages that are not called as they are imported."""
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


@contextmanager
def loading(weights: str, trust_remote_code: bool) -> Iterator[None]:
    """Loads weights with caution; whatever fails becomes an error that says what to do.

    Raises:
        DetectorError: something failed.
    """
    try:
        with cautious(trust_remote_code):
            yield
    except DetectorError:
        raise
    except ModuleNotFoundError as error:
        how = f": {INSTALL[error.name]}" if error.name in INSTALL else ""
        raise DetectorError(
            f"Detector '{weights}' needs the package '{error.name}', which is not installed{how}."
        ) from error
    except Exception as error:
        raise refusal(weights, error) from error


def open_weights(weights: str, trust_remote_code: bool = False) -> Any:
    """The `ultralytics.YOLO` of weights by name (ultralytics downloads them), path, or folder.

    Args:
        weights: name or path.
        trust_remote_code: load pickles of any content, whose code then runs. Otherwise only
            ultralytics' own classes are built.

    Raises:
        DetectorError: the weights cannot be loaded.
    """
    from ultralytics import YOLO

    with loading(weights, trust_remote_code):
        return YOLO(weights)


class UltralyticsDetector:
    """Per-frame detection, without ultralytics' trackers, which keep state of the last video.

    Args:
        model: an `ultralytics.YOLO` (or RT-DETR, YOLO-World, ...) model.
        name: identifies the weights.
        fingerprint: that of a model that cannot be told from others by its weights.
        device: where it runs; by default that of `chosen_device`.
    """

    def __init__(
        self,
        model: Any,
        name: str,
        fingerprint: str | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.name = name
        self._model, self._given_fingerprint = model, fingerprint
        self._device = device or chosen_device()

    @classmethod
    def load(
        cls,
        model: Any,
        weights: str,
        trust_remote_code: bool = False,
        device: torch.device | None = None,
    ) -> UltralyticsDetector:
        """Tries a model out.

        Args:
            model: from `open_weights`.
            weights: name or path of its weights.
            trust_remote_code: see `open_weights`; exports are opened only now.
            device: where it runs; by default that of `chosen_device`.

        Raises:
            DetectorError: the weights cannot be loaded, or give no boxes.
        """
        detector = cls(model, weights, device=device)
        with loading(weights, trust_remote_code):
            (result,) = detector._results([np.zeros((64, 64, 3), np.uint8)])
        if result.boxes is None and result.obb is None:
            raise DetectorError(
                f"Detector '{weights}' is a model for the task '{model.task}', which gives no "
                "boxes. Choose one for detection, segmentation, pose or oriented boxes."
            )
        return detector

    @property
    def fingerprint(self) -> str | None:
        """Identifies weights, classes, settings, device and library, but not the name.

        The weights are those of the torch model, hashed each time, as its classes can be set at any
        time, or the files of an export; None if they are on a server.
        """
        import ultralytics

        if self._given_fingerprint is not None:
            return self._given_fingerprint
        model = self._model.model
        if isinstance(model, (str, Path)):
            weights = self._export
        else:
            with using(self._device):
                weights = digest(module_fingerprint(model), repr(model.names))
        if weights is None:
            return None
        settings = {k: str(v) for k, v in self._model.overrides.items() if k not in PLACES}
        rest = sorted(settings.items()), LOWEST_SCORE, self._device.type
        return digest("ultralytics", ultralytics.__version__, weights, rest)

    @cached_property
    def _export(self) -> str | None:
        """Identifies the files of an export, which may be large; None if they are not local."""
        files = Path(self._model.model)
        return file_fingerprint(files) if files.exists() else None

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of each RGB frame in one batched call; empty where nothing was detected.

        Of oriented boxes these are the upright ones around them. A batch that took so long that
        ultralytics may have left out its last frames is done again frame by frame.
        """
        results = self._results(frames)
        seconds = sum(result.speed["postprocess"] for result in results) / 1000
        if len(frames) > 1 and seconds > NMS_SECONDS:
            results = [result for frame in frames for result in self._results([frame])]
        return [self._boxes(result) for result in results]

    def _results(self, frames: Sequence[Image]) -> list[Any]:
        """Ultralytics' results for RGB frames."""
        bgr = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]
        # ultralytics changes torch's number of threads and its current device
        with _threads_kept(), using(self._device):
            results: list[Any] = self._model.predict(
                bgr, conf=LOWEST_SCORE, verbose=False, device=self._device
            )
        return results

    @staticmethod
    def _boxes(result: Any) -> Boxes:
        boxes = result.boxes if result.obb is None else result.obb
        if boxes is None or len(boxes) == 0:
            return Boxes.none()
        labels = [result.names[int(c)] for c in boxes.cls.tolist()]
        return Boxes.of(boxes.xyxy.cpu().numpy(), boxes.conf.cpu().numpy(), labels)


def refusal(weights: str, error: Exception) -> DetectorError:
    """Why weights cannot be loaded, and what to do."""
    what = f"The weights of detector '{weights}' could not be loaded"
    if isinstance(error.__cause__, UnpicklingError):
        what += (
            ": the file is damaged, or a pickle of other things than ultralytics' own networks, "
            "which may run program code and was not opened."
        )
        trust = "If you trust who made it, ground from Python"
        return DetectorError(
            f"{what} {trust}: ground(..., trust_remote_code=True).", f"{what} {trust}."
        )
    what += f" ({type(error).__name__}: {error}). Without a network, give the path of a weights "
    what += "file, or use boxes that the dataset already has"
    return DetectorError(f"{what}, with boxes_field.", f"{what}.")
