"""Which detector classes the subject of a sentence belongs to, by a list of words.

A list is silent about what it does not know. Text encoders are not: they find some class close to
any noun, such as "mouse" to "a boy". The words are in ``classes.json``: those of COCO's classes
that occur in descriptions of video, and animals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from .subjects import noun_phrase

_LISTS = json.loads(Path(__file__).with_suffix(".json").read_text())
_CLASSES_OF: dict[str, set[str]] = {}
for _class, _words in _LISTS["classes"].items():
    for _word in _words:
        _CLASSES_OF.setdefault(_word, set()).add(_class)
_ANIMALS = frozenset(_LISTS["animals"])
_ANIMAL_CLASSES = frozenset(_LISTS["animal_classes"])
_PLURALS: dict[str, str] = _LISTS["plurals"]
_CLASSES = frozenset(_LISTS["classes"])
_AGENTS = ("er", "or", "ist", "ic")
"""Ends of nouns for people and things that a noun before them only describes."""
_VERBS = ("s", "ed")
"""Ends of verbs, where a word is no known noun."""
KINDRED = 0.5
"""How well any animal's class fits an animal that no class is known for."""


def class_fits(sentence: str, classes: Iterable[str]) -> list[float] | None:
    """How well classes fit the subject of a sentence.

    Args:
        sentence: the sentence.
        classes: class names; "" for a box without one.

    Returns:
        For each class 1 if it is the subject's, `KINDRED` if both are animals of which neither is
        known to be the other, else 0; None if no class is one that is known, or the subject is not
        known, or is none of a detector's usual classes and not called like any of these.

    Example:
        >>> class_fits("a lady in red walks her dog", ["person", "dog", ""])
        [1.0, 0.0, 0.0]
        >>> class_fits("an opossum on a snowboard", ["dog", "snowboard"])
        [0.5, 0.0]
        >>> class_fits("a brown coin", ["person"]) is None
        True
        >>> class_fits("two brown coins", ["coin", "person"])
        [1.0, 0.0]
        >>> class_fits("a man in a suit", ["pedestrian", "car"])
        [1.0, 0.0]
    """
    names = [re.sub(r"[\W_]+", " ", name).strip().lower() for name in classes]
    noun = _head(noun_phrase(sentence), frozenset(names) - {""})
    if noun is None:
        return None
    if noun in names and noun not in _CLASSES_OF:
        return [float(name == noun) for name in names]
    if not any(name in _CLASSES_OF or name in _CLASSES for name in names):
        return None
    known = _CLASSES_OF.get(noun)
    if known:
        return [float(bool(known & {name, *_CLASSES_OF.get(name, ())})) for name in names]
    return [KINDRED * (name in _ANIMAL_CLASSES) for name in names]


def known_noun(phrase: list[str]) -> str | None:
    """What a noun phrase is about, if that is a listed word: "dog" of "a white dog"."""
    return _head(phrase, frozenset())


def _head(phrase: list[str], names: frozenset[str]) -> str | None:
    """What a noun phrase is about, as a listed word or one of `names`: "car" of "an orange car".

    It is the last such word before a verb, or the first that means a person. None if a word for
    somebody or something else follows, as in "a dog trainer".
    """
    found, i = None, 0
    while i < len(phrase):
        pair = _singular(f"{phrase[i]} {phrase[i + 1]}", names) if i + 1 < len(phrase) else None
        known = pair or _singular(phrase[i], names)
        if known:
            found = known
            if "person" in _CLASSES_OF.get(known, ()):
                return found
        elif found and phrase[i].endswith(_AGENTS):
            return None
        elif found and phrase[i].endswith(_VERBS):
            break
        i += 2 if pair else 1
    return found


def _singular(word: str, names: frozenset[str]) -> str | None:
    """A word, or its singular, if it is known."""
    forms = (word, _PLURALS.get(word, word), word.removesuffix("s"), word.removesuffix("es"))
    return next((w for w in forms if w in names or w in _CLASSES_OF or w in _ANIMALS), None)
