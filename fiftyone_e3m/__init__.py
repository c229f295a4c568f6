"""fiftyone_e3m: finds which object in a video a sentence means, and when.

>>> import fiftyone_e3m as e3m
>>> e3m.E3MConfig(sample_fps=2).sample_fps
2.0
"""

from typing import Any

from .candidates import Detector, DetectorError
from .config import E3MConfig
from .dataset.signals import request_stop
from .encoders import Encoder, EncoderError
from .evaluation.evaluate import evaluate
from .evaluation.records import load_evaluation
from .evaluation.results import EvaluationResults
from .grounding import Job, ground
from .handover import HandoverReport, prepare_for_annotation
from .request import GroundingError, Request
from .results import GroundingSummary, VideoReport
from .review.accepting import AcceptReport, accept_tubes
from .review.correcting import Correction, correct_event, restore_event
from .review.deleting import DeleteReport, delete_grounding
from .version import __version__

__all__ = [
    "AcceptReport",
    "Correction",
    "DeleteReport",
    "Detector",
    "DetectorError",
    "E3MConfig",
    "Encoder",
    "EncoderError",
    "EvaluationResults",
    "GroundingError",
    "GroundingSummary",
    "HandoverReport",
    "Job",
    "Request",
    "VideoReport",
    "__version__",
    "accept_tubes",
    "correct_event",
    "delete_grounding",
    "evaluate",
    "ground",
    "load_evaluation",
    "prepare_for_annotation",
    "request_stop",
    "restore_event",
]


def register(plugin: Any) -> None:
    """Registers operators and panels; FiftyOne calls this when it loads the plugin."""
    from .plugin import OPERATORS, PANELS

    for shell in (*OPERATORS, *PANELS):
        plugin.register(shell)
