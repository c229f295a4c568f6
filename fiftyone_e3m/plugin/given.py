"""Parameters of operators, which Python callers may pass as anything."""

from __future__ import annotations

from typing import Any

from ..request import GroundingError, check_flag, check_text, check_texts, shown

Params = dict[str, Any]
MORE = "more"
"""Holds the parameters of a form's folded part; a program may give these beside the others."""


def given_params(params: Params) -> Params:
    """The parameters of a form, with those of its folded part among the others.

    Raises:
        GroundingError: the folded part is no part of a form.
    """
    return {name: value for name, value in params.items() if name != MORE} | given_settings(
        params, MORE
    )


def given_text(params: Params, name: str, default: str = "") -> str:
    """A parameter that is text; the default if it is missing or empty.

    Raises:
        GroundingError: it is something else.
    """
    value = params.get(name)
    if value is None:
        return default
    check_text(name, value)
    return str(value).strip() or default


def given_texts(params: Params, name: str) -> list[str]:
    """A parameter that is text, one per line, or a list of texts; empty if it is missing.

    Raises:
        GroundingError: it is something else.
    """
    value = params.get(name)
    if value is None:
        return []
    check_texts(name, value)
    return value.splitlines() if isinstance(value, str) else [text for text in value if text]


def given_flag(params: Params, name: str) -> bool:
    """A parameter that is True or False; False if it is missing.

    Raises:
        GroundingError: it is something else.
    """
    value = params.get(name)
    if value is None:
        return False
    check_flag(name, value)
    return bool(value)


def given_number(params: Params, name: str, low: int, high: int, default: int) -> int:
    """A parameter that is a whole number; the default if it is missing.

    Raises:
        GroundingError: it is something else, or out of its range.
    """
    value = params.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise GroundingError(
            f"{name} is {shown(value)}, but it must be a whole number from {low} to {high}."
        )
    return value


def given_settings(params: Params, name: str) -> Params:
    """A parameter that holds values by name; empty if it is missing.

    Raises:
        GroundingError: it is something else.
    """
    value = params.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise GroundingError(f"{name} is {shown(value)}, but it must hold values by name.")
    return value
