"""Weights of detectors that are not on disk yet."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from ..encoders import Download
from .factory import ZOO

MEGABYTES = {"yolo11n.pt": 5}
"""Size of the default detector; ultralytics does not list the sizes of its weights."""


def missing_weights(spec: str) -> Download | None:
    """What has to be downloaded before a detector can be loaded; nothing is loaded or asked for.

    Args:
        spec: the name of a detector, as `check_detector` accepts it.

    Returns:
        None if everything is on disk, or if there is no such model.
    """
    if spec.startswith(ZOO):
        from .zoo import missing_zoo_weights

        return missing_zoo_weights(spec.removeprefix(ZOO))
    if Path(spec).name != spec or weights_here(spec):
        return None
    name = file_name(spec)
    return Download(name, "ultralytics", MEGABYTES.get(name))


def weights_here(spec: str) -> list[Path]:
    """The file or folder on this machine that holds the weights of a detector, if there is one.

    Args:
        spec: the name of a detector, as `check_detector` accepts it.
    """
    if spec.startswith(ZOO):
        from .zoo import zoo_weights_here

        return zoo_weights_here(spec.removeprefix(ZOO))
    places = [Path(spec)]
    if Path(spec).name == spec:
        name = file_name(spec)
        places += [Path(name), *(folder / name for folder in _folders())]
    return [place for place in places if place.exists()][:1]


def file_name(spec: str) -> str:
    """The file of a name, as ultralytics completes it."""
    return spec if Path(spec).suffix else f"{spec}.pt"


def _folders() -> list[Path]:
    """Where ultralytics keeps weights, as its settings say; its import would take seconds."""
    homes = {
        "Windows": Path.home() / "AppData" / "Roaming",
        "Darwin": Path.home() / "Library" / "Application Support",
    }
    usual = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    given = os.environ.get("YOLO_CONFIG_DIR")
    home = Path(given).expanduser() if given else homes.get(platform.system(), usual)
    try:
        settings = json.loads((home / "Ultralytics" / "settings.json").read_text(encoding="utf-8"))
        return [Path(settings["weights_dir"])]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # never used by this user
