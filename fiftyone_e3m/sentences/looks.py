"""The colours that a sentence gives to its subject, found by English word order."""

from __future__ import annotations

import re

from ..e3m.colour import COLOURS, PARTS, Look
from .subjects import ENDS, noun_phrase

# fmt: off
_ALIASES = {
    "gray": "grey", "silver": "grey", "gold": "yellow", "golden": "yellow", "mustard": "yellow",
    "navy": "blue", "turquoise": "blue", "beige": "brown", "tan": "brown", "khaki": "brown",
    "dark": "black", "violet": "purple", "scarlet": "red",
}
_UPPER = frozenset((
    "jacket", "shirt", "tshirt", "top", "coat", "sweater", "hoodie", "blouse", "vest",
    "jersey", "pullover", "suit", "dress", "uniform", "cardigan", "robe", "gown", "clothes",
))
_LOWER = frozenset(("shorts", "trousers", "pants", "jeans", "skirt", "leggings"))
_NO_CLOTHES = frozenset((
    "in", "on", "with", "from", "at", "of", "past", "over", "holding", "wearing", "behind", "the",
    "that", "who", "hair", "beard", "eyes", "skin", "shoes", "boots", "socks", "gloves", "hat",
    "cap", "helmet", "bag", "backpack",
))
_BODY = frozenset(("haired", "eyed", "skinned", "bearded"))
_SHADES = frozenset(("dark", "light", "golden", "silver"))
# fmt: on
_VERBS = ("s", "ing", "ed")
"""Ends of words after which "in red" is about clothes, and not about the word."""
_REACH = 4
"""Words after a colour among which its garment is looked for."""


def looks(sentence: str) -> tuple[Look, ...]:
    """The colours of the subject and of what it wears; a colour of anything else is left out.

    Example:
        >>> [(COLOURS[c], PARTS[p]) for c, p in looks("a woman in a red jacket pats a black dog")]
        [('red', 'upper')]
        >>> [(COLOURS[c], PARTS[p]) for c, p in looks("a yellow and black snowboard in the snow")]
        [('yellow', 'whole'), ('black', 'whole')]
        >>> [(COLOURS[c], PARTS[p]) for c, p in looks("a lady in red walks her white dog")]
        [('red', 'upper')]
        >>> looks("a man on a white horse")
        ()
    """
    words = re.findall(r"[a-z]+", sentence.lower().replace("t-shirt", "tshirt"))
    own = noun_phrase(" ".join(words))
    found, of_subject = [], _count_colours(own)
    for i, word in enumerate(words):
        colour, after = _ALIASES.get(word, word), words[i + 1 : i + 1 + _REACH]
        if colour not in COLOURS:
            continue
        of_subject -= 1
        shade = bool(after) and word in _SHADES and _ALIASES.get(after[0], after[0]) in COLOURS
        part = None if shade else _part(words[:i], after, of_subject >= 0)
        if part:
            found.append(Look(COLOURS.index(colour), PARTS.index(part)))
    return tuple(found)


def _count_colours(phrase: list[str]) -> int:
    """How many colours a noun phrase names; its last word is what it is about, if not a verb."""
    return sum(_ALIASES.get(word, word) in COLOURS for word in phrase[:-1])


def _part(before: list[str], after: list[str], of_subject: bool) -> str | None:
    """What has a colour: a garment, the subject as a whole, its clothes; None for all else."""
    for word in after:
        if word in _UPPER | _LOWER:
            return "upper" if word in _UPPER else "lower"
        if word in _NO_CLOTHES:
            break
    if of_subject and after and after[0] not in _BODY:
        return "whole"
    word = after[0] if after else ""
    ends = not word or word in ENDS or (word.endswith(_VERBS) and word not in _NO_CLOTHES)
    return "upper" if before[-1:] == ["in"] and ends else None
