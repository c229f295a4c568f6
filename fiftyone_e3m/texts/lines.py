"""Texts without the characters that end lines, move cursors or make files invalid."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
HALF = re.compile(r"[\ud800-\udfff]")
BROKEN = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
"""Half characters and those that are none: neither UTF-8 nor XML can hold them."""
REPLACEMENT = "\ufffd"


def is_whole(text: str) -> bool:
    r"""Whether a text has no half characters (lone surrogates), which cannot be encoded.

    Example:
        >>> is_whole("a dog"), is_whole("a dog \ud800")
        (True, False)
    """
    return HALF.search(text) is None


def printable(text: str) -> str:
    r"""A text with a space for each control character, and a question mark for half a character.

    Example:
        >>> printable("a\x1b[31m dog")
        'a [31m dog'
    """
    return BROKEN.sub(REPLACEMENT, CONTROL.sub(" ", text))


def one_line(text: str) -> str:
    r"""A text in one line, without control characters, and with single spaces.

    Example:
        >>> one_line(" a man\nin a\x00suit ")
        'a man in a suit'
    """
    return " ".join(printable(text).split())


def shortened(text: str, longest: int) -> str:
    """A text in one line of at most `longest` characters, with an ellipsis where it is cut.

    Example:
        >>> shortened("a man in a suit", 9)
        'a man in…'
    """
    line = one_line(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
