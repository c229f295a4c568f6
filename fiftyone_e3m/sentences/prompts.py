"""What a detector that takes text is asked for: the things that sentences are about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..e3m.colour import COLOURS
from .classes import known_noun
from .subjects import ARTICLES, noun_phrase

ONE = frozenset(("a", "an", "one", "this", "another"))
"""Words after which a noun is singular, so that a further word in -s or -ed is a verb."""
VERB = re.compile(r".*([^s]s|ed)")


def detector_prompts(sentences: Sequence[str], classes: Sequence[str] = ()) -> tuple[str, ...]:
    """The subjects of sentences and further classes: distinct, in alphabetical order.

    Colours and what a subject does are left out: the candidates should include the things that it
    must be told apart from.

    Args:
        sentences: all sentences that are asked about a video.
        classes: what else may be found.

    Example:
        >>> detector_prompts(["A white dog runs", "a dog barks", "a brown coin spins"], ["person"])
        ('coin', 'dog', 'person')
    """
    prompts = {*map(subject, sentences), *(re.sub(r"[\s.]+", " ", c).strip() for c in classes)}
    return tuple(sorted(prompts - {""}))


def subject(sentence: str) -> str:
    """What a sentence is about, as words for a detector; all of it if no subject is found.

    Example:
        >>> subject("the lady in red walks her dog"), subject("Who rides the bike?")
        ('lady', 'person')
        >>> subject("a remote control falls off the table"), subject("two wooden boxes")
        ('remote control', 'two wooden boxes')
        >>> subject("in the water")
        'in the water'
    """
    phrase = noun_phrase(sentence)
    if known := known_noun(phrase):
        return known
    words = [word for word in phrase if word not in ARTICLES and word not in COLOURS]
    if phrase and phrase[0] in ONE:
        verbs = (i for i, word in enumerate(words) if i and VERB.fullmatch(word))
        words = words[: next(verbs, len(words))]
    return " ".join(words) or re.sub(r"[\s.?!]+", " ", sentence).strip()
