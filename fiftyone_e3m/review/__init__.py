"""Review of groundings: inspect, accept, correct, delete, calibrate."""

from .accepting import AcceptReport, accept_tubes
from .calibrating import calibrate
from .calibration_report import CalibrationReport
from .correcting import Correction, correct_event, restore_event
from .deleting import DeleteReport, delete_grounding
from .following import FollowReport, follow_events
from .queue import reject_tube, reopen_tube
from .saved_views import save_review_views

__all__ = [
    "AcceptReport",
    "CalibrationReport",
    "Correction",
    "DeleteReport",
    "FollowReport",
    "accept_tubes",
    "calibrate",
    "correct_event",
    "delete_grounding",
    "follow_events",
    "reject_tube",
    "reopen_tube",
    "restore_event",
    "save_review_views",
]
