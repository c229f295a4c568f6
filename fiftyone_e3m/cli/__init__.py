"""The command-line tool `fiftyone-e3m`."""

from .commands import app, main
from .console import NOT_OK, REFUSED

__all__ = ["NOT_OK", "REFUSED", "app", "main"]
