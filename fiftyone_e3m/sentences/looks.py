"""The colours that a sentence gives to its subject, found by English word order."""

from __future__ import annotations

import re

from ..e3m.colour import COLOURS, PARTS, Look

# fmt: off
_ALIASES = {
    "gray": "grey", "silver": "grey", "gold": "yellow", "golden": "yellow", "mustard": "yellow",
    "navy": "blue", "turquoise": "blue", "beige": "brown", "tan": "brown", "khaki": "brown",
    "dark": "black", "violet": "purple", "scarlet": "red",
}
_UPPER = frozenset((
    "jacket", "shirt", "t-shirt", "tshirt", "top", "coat", "sweater", "hoodie", "blouse", "vest",
    "jersey", "pullover", "suit", "dress", "uniform", "cardigan", "robe", "gown", "clothes",
))
_LOWER = frozenset(("shorts", "trousers", "pants", "jeans", "skirt", "leggings"))
_BREAKS = frozenset((
    "in", "on", "with", "from", "at", "of", "past", "over", "holding", "wearing", "behind", "the",
    "that", "who",
))
# fmt: on
_REACH = 4
"""Words after a colour among which its garment is looked for."""


def looks(sentence: str) -> tuple[Look, ...]:
    """The colours of the subject and of what it wears; a colour of anything else is left out.

    Example:
        >>> [(COLOURS[c], PARTS[p]) for c, p in looks("a woman in a red jacket pats a black dog")]
        [('red', 'upper')]
        >>> [(COLOURS[c], PARTS[p]) for c, p in looks("a yellow and black snowboard in the snow")]
        [('yellow', 'whole'), ('black', 'whole')]
        >>> looks("a man on a white horse")
        ()
    """
    words = re.findall(r"[a-z]+(?:-[a-z]+)*", sentence.lower())
    found = []
    for i, word in enumerate(words):
        colour = _ALIASES.get(word, word)
        if colour not in COLOURS:
            continue
        part = _garment(words[i + 1 : i + 1 + _REACH])
        if part is None and not _BREAKS.intersection(words[1:i]):
            part = "whole"
        if part:
            found.append(Look(COLOURS.index(colour), PARTS.index(part)))
    return tuple(found)


def _garment(words: list[str]) -> str | None:
    for word in words:
        if word in _UPPER | _LOWER:
            return "upper" if word in _UPPER else "lower"
        if word in _BREAKS:
            return None
    return None
