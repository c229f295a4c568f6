"""Where boxes come from: an ultralytics model, a FiftyOne zoo model, or any `Detector`.

Boxes of an existing frame field are read by `fiftyone_e3m.dataset`.
"""

from .base import CHUNK, Detector, DetectorError, detect
from .factory import check_detector, load_detector

__all__ = ["CHUNK", "Detector", "DetectorError", "check_detector", "detect", "load_detector"]
