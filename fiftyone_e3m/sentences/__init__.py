"""Sentences as input to the algorithm, and the unrelated texts they are measured against."""

from .queries import class_notes, encode_queries, likely, prompt
from .reader import TextReader

__all__ = ["TextReader", "class_notes", "encode_queries", "likely", "prompt"]
