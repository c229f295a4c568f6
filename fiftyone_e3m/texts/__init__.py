"""Texts that others typed, made safe to show and to store: one line, distinct, no markup."""

from .distinct import distinct
from .lines import one_line, printable, shortened
from .markdown import code, escape_markdown

__all__ = ["code", "distinct", "escape_markdown", "one_line", "printable", "shortened"]
