"""Paths as users type them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..request import GroundingError, shown


def given_path(name: str, value: Any) -> Path:
    """A path from an argument, with ``~`` expanded.

    Args:
        name: the argument, for the message.
        value: its value.

    Raises:
        GroundingError: it is no path, or begins with the home of a user that there is not.
    """
    if not isinstance(value, str | Path) or not str(value):
        raise GroundingError(f"{name} is {shown(value)}, but it must be a path.")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise GroundingError(f"{name} is {shown(str(value))}: {error}") from None
