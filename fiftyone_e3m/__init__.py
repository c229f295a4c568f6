"""fiftyone_e3m: finds which object in a video a sentence means, and when.

>>> import fiftyone_e3m as e3m
>>> e3m.E3MConfig(sample_fps=2).sample_fps
2.0
"""

from typing import Any

from .candidates import Detector, DetectorError
from .config import E3MConfig
from .dataset import request_stop
from .encoders import Encoder, EncoderError
from .evaluation import EvaluationResults, evaluate, load_evaluation
from .grounding import Job, ground
from .handover import HandoverReport, prepare_for_annotation
from .regrounding import Choice, choices_at, correct_tube, find_object
from .request import GroundingError, RayOptions, Request
from .results import GroundingSummary, VideoReport
from .review import (
    AcceptReport,
    CalibrationReport,
    Correction,
    DeleteReport,
    FollowReport,
    accept_tubes,
    calibrate,
    correct_event,
    delete_grounding,
    follow_events,
    reject_tube,
    reopen_tube,
    restore_event,
    save_review_views,
)
from .version import __version__
from .zoo import VideoGrounder, download_model, load_model, parse_parameters, resolve_input

__all__ = [
    "AcceptReport",
    "CalibrationReport",
    "Choice",
    "Correction",
    "DeleteReport",
    "Detector",
    "DetectorError",
    "E3MConfig",
    "Encoder",
    "EncoderError",
    "EvaluationResults",
    "FollowReport",
    "GroundingError",
    "GroundingSummary",
    "HandoverReport",
    "Job",
    "RayOptions",
    "Request",
    "VideoGrounder",
    "VideoReport",
    "__version__",
    "accept_tubes",
    "calibrate",
    "choices_at",
    "correct_event",
    "correct_tube",
    "delete_grounding",
    "download_model",
    "evaluate",
    "find_object",
    "follow_events",
    "ground",
    "load_evaluation",
    "load_model",
    "parse_parameters",
    "prepare_for_annotation",
    "reject_tube",
    "reopen_tube",
    "request_stop",
    "resolve_input",
    "restore_event",
    "save_review_views",
]


def register(plugin: Any) -> None:
    """Registers operators and panels; FiftyOne calls this when it loads the plugin."""
    from .plugin import OPERATORS, PANELS

    for shell in (*OPERATORS, *PANELS):
        plugin.register(shell)
