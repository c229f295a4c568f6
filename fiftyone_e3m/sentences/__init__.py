"""Sentences as the algorithm sees them, and the unrelated texts that they are measured against."""

from .queries import encode_queries, likely, prompt
from .reader import TextReader

__all__ = ["TextReader", "encode_queries", "likely", "prompt"]
