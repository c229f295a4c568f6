"""Names for texts in formats that allow only short ones, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from .lines import one_line


def distinct(texts: Iterable[str], longest: int | None = None) -> dict[str, str]:
    """A name for each text: in one line, no longer than allowed, and different from all others.

    A text that is such a name already keeps it. The others are cut, between words where that
    leaves most of the name, and those whose names would be the same end in a number.

    Args:
        texts: the texts.
        longest: most characters of a name; None for any number.

    Returns:
        The names, by text.

    Example:
        >>> distinct(["a dog that runs", "a dog that sits"], longest=10)
        {'a dog that runs': 'a dog that', 'a dog that sits': 'a dog (2)'}
        >>> list(distinct(["a grey van waiting in the traffic"], longest=32).values())
        ['a grey van waiting in the']
    """
    unique = list(dict.fromkeys(texts))
    names = {text: text for text in unique if _cut(text, longest) == text}
    taken = set(names)
    for text in unique:
        if text not in names:
            tries = (_cut(text, longest, f" ({n})" if n > 1 else "") for n in count(1))
            names[text] = next(name for name in tries if name not in taken)
            taken.add(names[text])
    return {text: names[text] for text in unique}


def _cut(text: str, longest: int | None, ending: str = "") -> str:
    """A text in one line, cut to leave room for an ending; never empty."""
    line = one_line(text) or "unnamed"
    if longest is not None and len(line) > (room := longest - len(ending)):
        words = line[: room + 1].rpartition(" ")[0]
        line = (words if len(words) > room // 2 else line[:room]).rstrip()
    return line + ending
