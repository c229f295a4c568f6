"""The subject of a sentence, found by English word order; no parser, no model."""

from __future__ import annotations

import re

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
# fmt: on


def subject(sentence: str) -> str:
    """The first noun phrase of a sentence: up to a preposition, relative pronoun, or participle.

    A question is returned as it is, since it does not name its subject, and so is a sentence that
    does not begin with its subject.

    Example:
        >>> subject("A woman in a pink top walking past parked cars")
        'a woman'
        >>> subject("a black feathered swan"), subject("a dog running")
        ('a black feathered swan', 'a dog')
        >>> subject("who is next to the dog?")
        'who is next to the dog?'
    """
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", sentence.lower())
    start = words[0].split("'")[0] if words else ""
    if not start or start in QUESTIONS | (ENDS - ARTICLES) or sentence.rstrip().endswith("?"):
        return sentence
    phrase: list[str] = []
    for word in words:
        named = any(part not in ARTICLES for part in phrase)
        is_participle = word.endswith("ing") and word not in THINGS
        if named and (word in ENDS or word in ARTICLES or is_participle):
            break
        phrase.append(word)
    return " ".join(phrase)
