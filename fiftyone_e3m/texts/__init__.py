"""Texts that others typed, made safe to show and to store: one line, distinct, no markup."""

from .distinct import distinct
from .lines import is_whole, one_line, printable, shortened
from .markdown import code, escape_markdown

__all__ = ["code", "distinct", "escape_markdown", "is_whole", "one_line", "printable", "shortened"]
