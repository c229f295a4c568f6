"""The package as a source of FiftyOne's model zoo; `manifest.json` in the folder above names it."""

from .model import VideoGrounder
from .source import download_model, load_model, parse_parameters, resolve_input

__all__ = [
    "VideoGrounder",
    "download_model",
    "load_model",
    "parse_parameters",
    "resolve_input",
]
