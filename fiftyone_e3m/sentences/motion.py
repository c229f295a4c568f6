"""How the subject of a sentence moves through the picture, found by English phrases."""

from __future__ import annotations

import re

from ..e3m.motion import Motion

_SIDES = {"left": -1, "right": 1}
_SIDE = r"(?:the )?(?:upper |lower |top |bottom |far )?(left|right)\b"
_VERB = (
    r"\b(?:walk(?:s|ing)?|run(?:s|ning)?|go(?:es|ing)?|com(?:e|es|ing)|rid(?:e|es|ing)"
    r"|driv(?:e|es|ing)|mov(?:e|es|ing)|fl(?:y|ies|ying)|slid(?:e|es|ing)|swim(?:s|ming)?"
    r"|jump(?:s|ing)?|gallop(?:s|ing)?|trot(?:s|ting)?|roll(?:s|ing)?|cross(?:es|ing)?"
    r"|leav(?:e|es|ing)|exit(?:s|ing)?|disappear(?:s|ing)?|vanish(?:es|ing)?|enter(?:s|ing)?"
    r"|appear(?:s|ing)?|pass(?:es|ing)?|step(?:s|ping)?)\b"
)
"""Verbs of moving through the picture, unlike turning or moving one's head."""
_LEAVE = (
    r"\b(?:leav(?:e|es|ing)|exit(?:s|ing)?|disappear(?:s|ing)?|vanish(?:es|ing)?"
    r"|(?:walk|run|go)(?:s|es|ing|ning)? out)\b"
)
_AROUND = r"(?: (?!his\b|her\b|its\b|their\b)\S+){0,5}?"
"""Words between a verb and a direction; not those of somebody's hand."""
_FROM = re.compile(rf"{_VERB}{_AROUND} from {_SIDE}")
_GOES = re.compile(rf"{_VERB}{_AROUND} (?:to|towards?) {_SIDE}")
_LEAVES = re.compile(rf"{_LEAVE}{_AROUND} (?:on|at|to) {_SIDE}")
_ACROSS = re.compile(rf"{_VERB}{_AROUND} from {_SIDE}(?: \S+){{0,3}}? to {_SIDE}")
_TOWARD = re.compile(
    rf"{_VERB}{_AROUND} towards? the camera|\bapproach(?:es|ing)? the camera|\bcom(?:es|ing) closer"
)
_AWAY = re.compile(rf"{_VERB}{_AROUND} (?:away from the camera|into the distance)")


def motion(sentence: str) -> Motion | None:
    """How the subject moves through the picture; None if the sentence does not say.

    Example:
        >>> motion("a black car crosses the street from right to left")
        Motion(enters=1, leaves=-1, across=-1, nearer=0)
        >>> motion("A man comes in from the right, turns around and goes back to the right.")
        Motion(enters=1, leaves=1, across=0, nearer=0)
        >>> motion("a cable car comes slowly toward the camera").nearer
        1
        >>> motion("a man on the left side turns his head to the right") is None
        True
    """
    text = " ".join(re.findall(r"[a-z']+", sentence.lower()))
    origin, goal = _FROM.findall(text), _LEAVES.findall(text) or _GOES.findall(text)
    across = _ACROSS.search(text)
    if across:
        goal = [across[2]]
    enters = _SIDES[origin[0]] if origin else 0
    leaves = _SIDES[goal[-1]] if goal else 0
    nearer = int(bool(_TOWARD.search(text))) - int(bool(_AWAY.search(text)))
    said = Motion(enters, leaves, leaves if enters != leaves else 0, nearer)
    return said if any((enters, leaves, nearer)) else None
