"""Tube metrics."""

from .evaluate import evaluate
from .records import load_evaluation
from .results import EvaluationResults

__all__ = [
    "EvaluationResults",
    "evaluate",
    "load_evaluation",
]
