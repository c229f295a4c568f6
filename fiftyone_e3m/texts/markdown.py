"""Texts inside Markdown: whatever a user typed is shown as it is, and nothing is loaded."""

from __future__ import annotations

import re

from .lines import one_line, printable

MARKS = re.compile(r"([\\`*\[\]<>!|~&#$@{}]|(?<![^\W_])_|_(?![^\W_]))")
"""What has a meaning in Markdown; an underscore has none within a word."""
STARTS = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)
"""What makes a list or a heading, if it begins a line."""
ADDRESSES = re.compile(r"(:)(?=//)|(?<=\bwww)(\.)", re.IGNORECASE)
"""What makes a link of bare text."""


def escape_markdown(text: str) -> str:
    r"""A text as Markdown that shows exactly this text; line breaks stay.

    Example:
        >>> print(escape_markdown("![x](http://y/z.png)"))
        \!\[x\](http\://y/z.png)
    """
    lines = "\n".join(printable(line) for line in text.split("\n"))
    marked = MARKS.sub(r"\\\1", lines)
    marked = ADDRESSES.sub(lambda found: f"\\{found.group()}", marked)
    return STARTS.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", marked)


def code(text: str) -> str:
    """A text as a code span of Markdown, in which nothing but a backtick has a meaning.

    Example:
        >>> code("frames.e3m")
        '`frames.e3m`'
    """
    line = one_line(text).replace("`", "'")
    return f"`{line}`" if line else ""
