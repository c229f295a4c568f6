"""The subject of a sentence, found by English word order; no parser, no model."""

from __future__ import annotations

import re

from ..e3m.colour import COLOURS

# fmt: off
ENDS = frozenset(
    (
        "in", "on", "at", "of", "with", "without", "by", "to", "from", "over", "under",
        "past", "near", "behind", "beside", "besides", "above", "below", "between",
        "among", "through", "across", "into", "onto", "along", "around", "against",
        "towards", "toward", "off", "for", "as", "next", "that", "who", "which",
        "whose", "where", "while", "and", "is", "are", "was", "were", "be", "being",
        "been", "has", "have", "had", "does", "do", "did", "there",
    )
)
"""Words that end a subject: they begin what is said about it."""
ARTICLES = frozenset(
    (
        "a", "an", "the", "this", "that", "these", "those", "his", "her", "their",
        "its", "one", "some", "another",
    )
)
QUESTIONS = frozenset(
    (
        "who", "what", "which", "where", "whom", "how",
    )
)
THINGS = frozenset(
    (
        "building", "ceiling", "clothing", "dumpling", "duckling", "earring", "gosling", "king",
        "painting", "railing", "ring", "sibling", "string", "thing", "wing",
    )
)
"""Words in -ing that are not participles."""
PERSONS = frozenset(("who", "whom"))
"""Questions about a person."""
# fmt: on


def noun_phrase(sentence: str) -> list[str]:
    """The words of the first noun phrase; verbs may follow in it.

    Example:
        >>> noun_phrase("A white and brown dog runs over the grass")
        ['a', 'white', 'brown', 'dog', 'runs']
    """
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", sentence.lower())
    asked = words[0].split("'")[0] if words else ""
    if asked in PERSONS:
        return ["person"]
    if asked in QUESTIONS or asked == "whose":
        words = words[1:]
    phrase: list[str] = []
    for word in words:
        described = all(w in ARTICLES or w in COLOURS or w == "and" for w in phrase)
        if word == "and" and phrase and described:
            continue
        is_participle = word.endswith("ing") and word not in THINGS
        ends = word in ENDS - ARTICLES or (not described and (word in ARTICLES or is_participle))
        if ends:
            break
        phrase.append(word)
    return phrase
