"""Whether a text fits into what a model can read, and what of it does not."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from string import punctuation
from typing import Any

SPACELESS = "\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60"
"""Characters and marks of Chinese and Japanese, each of which counts as a word."""
MARKS = re.escape(punctuation.replace("'", "").replace("-", ""))
"""They end a word, and cost a tokenizer tokens of their own."""
WORD = re.compile(rf"[{SPACELESS}]|[^\s{SPACELESS}{MARKS}]+|[{MARKS}]")
BEFORE = " ,;:.!?"
"""Not worth mentioning before the first word that is not read."""


def unread_end(exceeds: Callable[[str], bool], text: str) -> str:
    """The end of a text that a model does not read, from the first word that is not read whole.

    Where it ends is asked of the model, not counted: a word may cost a tokenizer several tokens.

    Args:
        exceeds: whether a text is longer than the model can read.
        text: any text.

    Returns:
        An empty text if all of it is read, and if already the first word is too long.

    Example:
        >>> unread_end(lambda text: len(text) > 12, "a dog that runs past")
        'runs past'
    """
    ends = [word.end() for word in WORD.finditer(text)]
    n_read = bisect_left(ends, True, key=lambda end: exceeds(text[:end]))
    return text[ends[n_read - 1] :].strip().lstrip(BEFORE) if n_read else ""


def truncates(tokenizer: Any, text: str) -> bool:
    """Whether a tokenizer of open_clip would cut off the end of a text.

    The tokenizer itself is asked, with the context it has and with a sufficient one: what it strips
    before it counts, and which tokens it adds, differs between tokenizers.
    """
    own = tokenizer([text])[0]
    context = len(own)
    # no token is shorter than a byte
    enough = context + len(text.encode(errors="replace")) + 1
    whole, empty = tokenizer([text, ""], context_length=enough)
    # this mode puts a token behind the padding
    last = 1 if getattr(tokenizer, "tokenizer_mode", "") == "clips" else 0
    own, rest = own[: context - last], whole[context - last : enough - last]
    padding = empty[context - last : enough - last]
    return bool((whole[: context - last] != own).any() or (rest != padding).any())
