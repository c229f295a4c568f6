"""Where boxes come from, and one pass over a video that collects them and its cuts.

Detectors are ultralytics models, FiftyOne zoo models, or any `Detector`; boxes of an existing frame
field are read by `fiftyone_e3m.dataset`.
"""

from .base import CHUNK, Detector, DetectorError, detect
from .factory import check_detector, load_detector
from .reel import CancelledError
from .survey import BoxSource, Survey, sampling_rate

__all__ = [
    "CHUNK",
    "BoxSource",
    "CancelledError",
    "Detector",
    "DetectorError",
    "Survey",
    "check_detector",
    "detect",
    "load_detector",
    "sampling_rate",
]
