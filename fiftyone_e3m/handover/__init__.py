"""Tubes as annotators need them: few keyframes, and files that their tools read."""

from .prepare import prepare_for_annotation
from .report import HandoverReport, TubeReport

__all__ = ["HandoverReport", "TubeReport", "prepare_for_annotation"]
