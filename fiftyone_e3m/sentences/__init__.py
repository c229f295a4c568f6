"""Sentences as input to the algorithm, and the unrelated texts they are measured against."""

from .queries import encode_queries, likely, prompt
from .reader import TextReader

__all__ = ["TextReader", "encode_queries", "likely", "prompt"]
