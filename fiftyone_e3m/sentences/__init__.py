"""Sentences as input to the algorithm, and the unrelated texts they are measured against."""

from .prompts import detector_prompts
from .queries import class_notes, encode_queries, length_notes, likely, prompt
from .reader import TextReader

__all__ = [
    "TextReader",
    "class_notes",
    "detector_prompts",
    "encode_queries",
    "length_notes",
    "likely",
    "prompt",
]
