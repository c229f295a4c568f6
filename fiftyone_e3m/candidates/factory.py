"""From the name of a detector to the detector."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..encoders import chosen_device
from .base import Detector, DetectorError

ZOO = "zoo:"


def check_detector(spec: str | Detector) -> None:
    """Checks a detector's name without loading anything.

    Objects pass unchecked.

    Raises:
        DetectorError: a file or package is missing.
    """
    if not isinstance(spec, str) or spec.startswith(ZOO):
        return
    if find_spec("ultralytics") is None:
        what = (
            f"Detector '{spec}' needs ultralytics (AGPL-3.0): pip install "
            "ultralytics-opencv-headless. Or use boxes that the dataset already has"
        )
        raise DetectorError(f"{what}, with boxes_field.", f"{what}.")
    if Path(spec).suffix.lower() in (".yaml", ".yml"):
        raise DetectorError(
            f"Detector '{spec}' describes a network without weights, which would find boxes at "
            "random. Give the weights, such as 'yolo11n.pt'."
        )
    if Path(spec).name != spec and not Path(spec).exists():
        raise DetectorError(f"Detector '{spec}': there is no such file or folder.")


def detector_files(spec: str) -> Path | None:
    """The file or folder that a detector's name leads to; None for published weights."""
    if spec.startswith(ZOO):
        return None
    path = Path(spec.strip().replace("'", ""))  # as ultralytics reads a name
    if path.name == spec and (not path.exists() or is_published(spec)):
        return None
    return path


def is_published(name: str) -> bool:
    """Whether ultralytics itself publishes weights of this name, and downloads them if missing."""
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES

    return name in GITHUB_ASSETS_NAMES


def load_detector(
    spec: str | Detector | Any, trust_remote_code: bool = False, device: str | None = None
) -> Detector:
    """Loads a detector, or passes a detector object through.

    Args:
        spec: name, path or folder of an ultralytics model; ``"zoo:<name>"`` for a detection model
            of the FiftyOne zoo; or any object with the members of `Detector`.
        trust_remote_code: run program code that ultralytics weights bring along.
        device: where it runs, see `chosen_device`; an object stays where it is.

    Raises:
        DeviceError: the device is not there.
        DetectorError: the model is unknown or cannot be loaded.
    """
    if not isinstance(spec, str):
        if isinstance(spec, Detector):
            return spec
        raise DetectorError(
            f"{type(spec).__name__} is not a detector: it needs a name and a method detect(frames) "
            "(see fiftyone_e3m.candidates.Detector)."
        )
    check_detector(spec)
    place = chosen_device(device)
    if spec.startswith(ZOO):
        from .open_zoo import OpenZoo, is_open
        from .zoo import ZooDetector, load_model

        name = spec.removeprefix(ZOO)
        zoo_model = load_model(name, place)
        return (OpenZoo if is_open(zoo_model) else ZooDetector).load(zoo_model, name, place)
    from .open_vocabulary import OpenVocabulary, takes_text
    from .ultralytics import UltralyticsDetector, open_weights

    model = open_weights(spec, trust_remote_code)
    kind = OpenVocabulary if takes_text(model) else UltralyticsDetector
    return kind.load(model, spec, trust_remote_code, place)
