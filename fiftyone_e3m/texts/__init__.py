"""Texts that others typed, made safe to show and to store: one line, distinct, no markup."""

from .amounts import about_time, counted
from .distinct import distinct
from .lines import is_whole, one_line, printable, shortened
from .markdown import code, escape_markdown
from .refusal import Refusal

__all__ = [
    "Refusal",
    "about_time",
    "code",
    "counted",
    "distinct",
    "escape_markdown",
    "is_whole",
    "one_line",
    "printable",
    "shortened",
]
