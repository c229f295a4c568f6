"""Detectors, and one pass over a video that collects boxes and cuts.

Detectors are ultralytics models, FiftyOne zoo models, or any `Detector`; `fiftyone_e3m.dataset`
reads the boxes of an existing frame field.
"""

from .admission import admitted, admitting, candidates_of
from .base import CHUNK, Detector, DetectorError, TextDetector, detect
from .factory import check_detector, detector_files, load_detector
from .known import check_model
from .licences import licence_of
from .reel import CancelledError
from .scarcity import why_none, wrong_unit
from .survey import BoxSource, Survey, sampling_rate
from .trial import load_for_trial
from .weights import missing_weights, weights_here

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
    "check_model",
    "detect",
    "detector_files",
    "licence_of",
    "load_detector",
    "load_for_trial",
    "missing_weights",
    "sampling_rate",
    "weights_here",
    "why_none",
    "wrong_unit",
]
