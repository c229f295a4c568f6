"""Checks of the types of arguments: a wrong one becomes a sentence, not a `TypeError` later on."""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..texts import is_whole
from .errors import GroundingError


def check_flag(name: str, value: Any) -> None:
    """Checks that an argument is True or False.

    Raises:
        GroundingError: it is something else, such as ``"no"``, which Python takes for true.
    """
    if not isinstance(value, bool | np.bool_):
        raise GroundingError(f"{name} is {shown(value)}, but it must be True or False.")


def check_text(name: str, value: Any) -> None:
    """Checks that an argument is text.

    Raises:
        GroundingError: it is no string, or a string that no file and no database can hold.
    """
    if not isinstance(value, str):
        raise GroundingError(f"{name} is {shown(value)}, but it must be a string.")
    _check_whole(name, value)


def check_texts(name: str, value: Any) -> None:
    """Checks that an argument is text, or a list of texts, in which None stands for none.

    Raises:
        GroundingError: it is something else, or can be read only once.
    """
    if isinstance(value, str):
        _check_whole(name, value)
        return
    if isinstance(value, bytes | bytearray | Mapping) or not isinstance(value, Collection):
        raise GroundingError(
            f"{name} is {shown(value)}, but it must be a string or a list of them."
        )
    for text in value:
        if text is not None and not isinstance(text, str):
            raise GroundingError(f"{name} contains {shown(text)}, but all of it must be strings.")
        _check_whole(name, text or "")


def check_number(name: str, value: Any, low: float, high: float, what: str) -> None:
    """Checks that an argument is a number within a range.

    Args:
        name: the argument.
        value: its value.
        low: the lowest number.
        high: the highest number.
        what: what the number is, for the message.

    Raises:
        GroundingError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= float(value) <= high:
        raise GroundingError(f"{name} is {shown(value)}, but it must be {what}.")


def check_integer(name: str, value: Any) -> None:
    """Checks that an argument is a whole number.

    Raises:
        GroundingError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise GroundingError(f"{name} is {shown(value)}, but it must be a whole number.")


def check_box(name: str, value: Any) -> None:
    """Checks that an argument is a box ``[x, y, w, h]`` relative to the frame, at least in part.

    Raises:
        GroundingError: it is not.
    """
    try:
        x, y, w, h = (float(number) for number in value)
    except (TypeError, ValueError):
        x = y = w = h = float("nan")
    if not (w > 0 and h > 0 and x < 1 and y < 1 and x + w > 0 and y + h > 0):
        raise GroundingError(
            f"{name} is {shown(value)}, but it must be [x, y, width, height] relative to the "
            "frame, such as [0.5, 0.2, 0.1, 0.3]."
        )


def shown(value: Any) -> str:
    """A value as a message quotes it: short, and with the type where the value alone misleads.

    Example:
        >>> shown("no"), shown(b"a dog"), shown(n for n in "ab")
        ("'no'", "b'a dog' (bytes)", 'a generator')
    """
    kind = type(value).__name__
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return reprlib.repr(value)
    if isinstance(value, bytes | list | tuple | dict | set):
        return f"{reprlib.repr(value)} ({kind})"
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


def _check_whole(name: str, text: str) -> None:
    """Raises an error if a text has half a character, which cannot be encoded."""
    if not is_whole(text):
        raise GroundingError(
            f"{name} is {reprlib.repr(text)}, which contains half of a character (a lone "
            "surrogate). Type the sentence again, or decode it as UTF-8."
        )
