"""Hand-over of tubes to annotators: few keyframes, and files for annotation tools."""

from .prepare import prepare_for_annotation
from .report import HandoverReport, TubeReport

__all__ = ["HandoverReport", "TubeReport", "prepare_for_annotation"]
