"""Detectors, and one pass over a video that collects boxes and cuts.

Detectors are ultralytics models, FiftyOne zoo models, or any `Detector`; `fiftyone_e3m.dataset`
reads the boxes of an existing frame field.
"""

from .admission import admitted, admitting, candidates_of
from .base import CHUNK, Detector, DetectorError, TextDetector, detect
from .factory import check_detector, detector_files, load_detector
from .reel import CancelledError
from .scarcity import why_none, wrong_unit
from .survey import BoxSource, Survey, sampling_rate
from .weights import missing_weights

__all__ = [
    "CHUNK",
    "BoxSource",
    "CancelledError",
    "Detector",
    "DetectorError",
    "Survey",
    "TextDetector",
    "admitted",
    "admitting",
    "candidates_of",
    "check_detector",
    "detect",
    "detector_files",
    "load_detector",
    "missing_weights",
    "sampling_rate",
    "why_none",
    "wrong_unit",
]
