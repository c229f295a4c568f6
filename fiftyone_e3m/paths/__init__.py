"""Paths that are written to: names that are safe, files that stay in their folder."""

from .given import given_path
from .listed import listed_folders
from .names import file_names, safe_name
from .outputs import OUTPUT_DIRS, check_output
from .writing import inside, write_inside

__all__ = [
    "OUTPUT_DIRS",
    "check_output",
    "file_names",
    "given_path",
    "inside",
    "listed_folders",
    "safe_name",
    "write_inside",
]
