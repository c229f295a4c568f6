"""Whether the subject of a sentence moves about or stays where it is, found by English verbs."""

from __future__ import annotations

import re

from .subjects import ARTICLES, ENDS, noun_phrase

# fmt: off
_MOVING = (
    "walk", "run", "go", "come", "ride", "drive", "move", "fly", "slide", "swim", "jump", "gallop",
    "trot", "roll", "cross", "leave", "exit", "disappear", "enter", "pass", "climb", "fall",
    "chase", "follow", "hop", "skate", "ski", "surf", "sprint", "jog", "crawl", "march", "stroll",
    "wander", "rush", "hurry", "approach", "overtake", "drag", "leap", "circle", "flee", "escape",
    "arrive", "depart", "glide", "cycle", "pedal", "wade", "hike", "sail", "skateboard", "race",
)
_STAYING = (
    "stand", "sit", "lie", "lean", "sleep", "wait", "stay", "remain", "park", "crouch", "kneel",
    "squat", "hang", "rest",
)
_IRREGULAR = {
    "lie": "lying", "lean": "leant", "run": "ran", "swim": "swam", "sit": "sat", "stand": "stood",
    "go": "went", "come": "came", "ride": "rode", "drive": "drove", "fly": "flew", "fall": "fell",
}
_PREPOSITIONS = frozenset((
    "in", "on", "at", "of", "with", "by", "to", "from", "over", "under", "past", "near", "behind",
    "beside", "between", "among", "through", "across", "into", "onto", "along", "around", "against",
    "towards", "toward", "off", "for", "before",
))
_POSSESSIVES = frozenset(("his", "her", "its", "their"))
_OF_LIMBS = frozenset(("move", "cross", "roll", "slide", "run", "rest", "hang"))
"""Verbs that may be about one's hands: "crosses his arms"."""
_CHANGES = frozenset(("up", "down", "back", "forward", "over"))
"""Words after which a verb of staying is one of getting there: "stands up"."""
_BEFORE_BARE = frozenset(("men", "women", "people", "children", "who", "that", "and", "to"))
"""Words after which a verb may have no ending, besides those in -s; elsewhere it is a noun."""
# fmt: on
_OTHERS = re.compile(r"\b(?:while|as|when|until)\b")
"""Words that begin a clause about somebody else."""


def _forms(verb: str) -> set[str]:
    """Forms of a verb, and some that do not exist.

    Example:
        >>> sorted(_forms("sit") & {"sits", "sitting", "sat", "sit"}), "carries" in _forms("carry")
        (['sat', 'sit', 'sits', 'sitting'], True)
    """
    stem = verb.removesuffix("e")
    forms = {verb, verb + "s", verb + "es", _IRREGULAR.get(verb, verb)}
    for end in ("ing", "ed"):
        forms |= {stem + end, verb + end, verb + verb[-1] + end}
    return forms | ({verb[:-1] + "ies", verb[:-1] + "ied"} if verb.endswith("y") else set())


_SAYS = {
    form: (verb, said) for verbs, said in ((_MOVING, 1), (_STAYING, -1))
    for verb in verbs for form in _forms(verb)
}  # fmt: skip


def moves(sentence: str) -> int:
    """Whether the subject moves.

    Returns:
        1 if the sentence says that the subject moves about, -1 if it says that it stays where it
        is, 0 if it says neither, or both.

    Example:
        >>> moves("a dog runs over the grass"), moves("a parked motorbike"), moves("a man laughs")
        (1, -1, 0)
        >>> moves("a woman in a pink top walking past parked cars")
        1
        >>> moves("the man who sits on the sofa stands up and walks to the door")
        0
        >>> moves("two men stand on a slope while a dog runs past")
        -1
        >>> moves("a man crosses his arms"), moves("a boy on a bus stop by the walking path")
        (0, 0)
    """
    text = _OTHERS.split(" ".join(re.findall(r"[a-z']+", sentence.lower())))[0]
    words, own = text.split(), len(noun_phrase(text))
    said = {_said(words, i, i < own) for i in range(len(words))} - {0}
    return said.pop() if len(said) == 1 else 0


def _said(words: list[str], i: int, describes: bool) -> int:
    """What one word says; `describes` if it is in the first noun phrase."""
    verb, said = _SAYS.get(words[i], ("", 0))
    before, after = " ".join(words[:i][-1:]), " ".join(words[i + 1 : i + 2])
    is_bare = words[i] == verb
    is_name = not (describes or is_bare) and before in ARTICLES | _PREPOSITIONS
    is_plural = before.endswith("s") and before not in ARTICLES | ENDS
    is_noun = is_bare and not (is_plural or before in _BEFORE_BARE)
    of_limbs = verb in _OF_LIMBS and after in _POSSESSIVES
    changes = said < 0 and after in _CHANGES
    return 0 if is_name or is_noun or of_limbs or changes else said
