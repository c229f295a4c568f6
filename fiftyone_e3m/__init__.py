"""fiftyone_e3m: which object a sentence means in a video, and when.

>>> import fiftyone_e3m as e3m
>>> e3m.E3MConfig(sample_fps=2).sample_fps
2.0
"""

from typing import Any

from .candidates import Detector, DetectorError
from .config import E3MConfig
from .encoders import Encoder, EncoderError
from .grounding import Job, ground
from .request import GroundingError, Request
from .results import GroundingSummary, VideoReport

__version__ = "0.1.0"

__all__ = [
    "Detector",
    "DetectorError",
    "E3MConfig",
    "Encoder",
    "EncoderError",
    "GroundingError",
    "GroundingSummary",
    "Job",
    "Request",
    "VideoReport",
    "__version__",
    "ground",
]


def register(plugin: Any) -> None:
    """Registers the operators; called by FiftyOne when it loads the plugin."""
    from .plugin import OPERATORS

    for operator in OPERATORS:
        plugin.register(operator)
