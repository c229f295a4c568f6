"""One sentence of a video grounded again, with what a person says of its object or its time."""

from .choices import Candidate, Choice, candidates_at, choices_at
from .correcting import correct_tube, find_object
from .runs import request_of

__all__ = [
    "Candidate",
    "Choice",
    "candidates_at",
    "choices_at",
    "correct_tube",
    "find_object",
    "request_of",
]
