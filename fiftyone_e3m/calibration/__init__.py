"""Calibration of an encoder's confidence: its fit, where it is kept, and which one a run uses."""

from .applied import Applied, uncalibrated
from .kept import Kept, KeptCalibrations
from .platt import Calibration, CalibrationError

__all__ = [
    "Applied",
    "Calibration",
    "CalibrationError",
    "Kept",
    "KeptCalibrations",
    "uncalibrated",
]
