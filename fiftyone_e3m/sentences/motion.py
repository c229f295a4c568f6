"""How the subject of a sentence moves through the picture, found by English phrases."""

from __future__ import annotations

import re

from ..e3m.motion import Motion

_SIDES = {"left": -1, "right": 1}
_SIDE = r"(?:the )?(?:upper |lower |top |bottom |far )?(left|right)\b"
_AROUND = r"(?: \S+){0,4}?"
_FROM = re.compile(rf"\bfrom {_SIDE}")
_GOES = re.compile(
    rf"\b(?:cross|go|walk|run|ride|drive|move|turn|come|fly|slide|swim|jump|gallop|roll|leave|exit"
    rf"|out|off|away|back|disappear)(?:s|es|ing)?{_AROUND} (?:to|towards?) {_SIDE}"
)
_LEAVES = re.compile(
    rf"\b(?:leave|exit|disappear|vanish|walks? out|runs? out|goes out)(?:s|es|ing)?{_AROUND}"
    rf" (?:on|at|to) {_SIDE}"
)
_TOWARD = re.compile(
    r"\b(?:towards? the camera|approach(?:es|ing) the camera|com(?:es|ing) closer)\b"
)
_AWAY = re.compile(r"\b(?:away from the camera|into the distance)\b")


def motion(sentence: str) -> Motion | None:
    """How the subject moves through the picture; None if the sentence does not say.

    Example:
        >>> motion("a black car crosses the street from right to left")
        Motion(enters=1, leaves=-1, across=-1, nearer=0)
        >>> motion("A man comes in from the right, turns around and goes back to the right.")
        Motion(enters=1, leaves=1, across=0, nearer=0)
        >>> motion("a cable car comes slowly toward the camera").nearer
        1
        >>> motion("a man on the left side of the street") is None
        True
    """
    text = " ".join(re.findall(r"[a-z']+", sentence.lower()))
    origin, goal = _FROM.findall(text), _LEAVES.findall(text) or _GOES.findall(text)
    across = re.search(rf"from {_SIDE}(?: \S+){{0,3}}? to {_SIDE}", text)
    if across:
        goal = [across[2]]
    enters = _SIDES[origin[0]] if origin else 0
    leaves = _SIDES[goal[-1]] if goal else 0
    nearer = int(bool(_TOWARD.search(text))) - int(bool(_AWAY.search(text)))
    said = Motion(enters, leaves, leaves if enters != leaves else 0, nearer)
    return said if any((enters, leaves, nearer)) else None
