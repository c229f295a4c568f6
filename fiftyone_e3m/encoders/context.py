"""Whether a text fits into what a model can read."""

from __future__ import annotations

from typing import Any


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
