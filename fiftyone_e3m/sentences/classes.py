"""Which detector classes the subject of a sentence belongs to, by a list of words.

A list is silent about what it does not know. Text encoders are not: they find some class close to
any noun, such as "mouse" to "a boy". The words are in ``classes.json``: those of COCO's classes
that occur in descriptions of video, and animals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from ..e3m.colour import COLOURS
from .subjects import ARTICLES, ENDS, QUESTIONS, THINGS

_LISTS = json.loads(Path(__file__).with_suffix(".json").read_text())
_CLASSES_OF: dict[str, set[str]] = {}
for _class, _words in _LISTS["classes"].items():
    for _word in _words:
        _CLASSES_OF.setdefault(_word, set()).add(_class)
_ANIMALS = frozenset(_LISTS["animals"])
_ANIMAL_CLASSES = frozenset(_LISTS["animal_classes"])
_PLURALS: dict[str, str] = _LISTS["plurals"]
_PERSONS = frozenset(("who", "whom", "whose"))
KINDRED = 0.5
"""How well any animal's class fits an animal that no class is known for."""


def class_fits(sentence: str, classes: Iterable[str]) -> list[float] | None:
    """How well classes fit the subject of a sentence.

    Args:
        sentence: the sentence.
        classes: class names; "" for a box without one.

    Returns:
        For each class 1 if it is the subject's, `KINDRED` if both are animals of which neither is
        known to be the other, else 0; None if no box has a class, or the subject is not known, or
        is none of a detector's usual classes and not called like any of these.

    Example:
        >>> class_fits("a lady in red walks her dog", ["person", "dog", ""])
        [1.0, 0.0, 0.0]
        >>> class_fits("an opossum on a snowboard", ["dog", "snowboard"])
        [0.5, 0.0]
        >>> class_fits("a brown coin", ["person"]) is None
        True
        >>> class_fits("a brown coin", ["coin", "person"])
        [1.0, 0.0]
        >>> class_fits("a man in a suit", ["pedestrian", "car"])
        [1.0, 0.0]
    """
    names = [name.lower() for name in classes]
    phrase = _noun_phrase(sentence)
    own = {name for name in names if name and name not in _LISTS["classes"] and name in phrase}
    if own:
        return [float(name in own) for name in names]
    noun = _known_noun(phrase) if any(names) else None
    if noun is None:
        return None
    known = _CLASSES_OF.get(noun)
    if known:
        return [float(bool(known & {name, *_CLASSES_OF.get(name, ())})) for name in names]
    return [KINDRED * (name in _ANIMAL_CLASSES) for name in names]


def _noun_phrase(sentence: str) -> list[str]:
    """The words of the first noun phrase and its pairs of words, singular; verbs may follow."""
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", sentence.lower())
    if words and words[0] in _PERSONS:
        return ["person"]
    if words and words[0] in QUESTIONS:
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
    singular = [_PLURALS.get(word, word) for word in phrase]
    pairs = [f"{a} {b}" for a, b in pairwise(phrase)]
    return [*pairs, *singular]


def _known_noun(phrase: list[str]) -> str | None:
    """The first listed word of a phrase; of several in a row the last ("a dog trainer")."""
    found = None
    for word in phrase:
        forms = (word, word.removesuffix("s"), word.removesuffix("es"))
        known = next((w for w in forms if w in _CLASSES_OF or w in _ANIMALS), None)
        if known:
            found = known
            if " " in known:
                break
        elif found:
            break
    return found
