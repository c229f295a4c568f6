"""Folders that an administrator lists in an environment variable."""

from __future__ import annotations

import os
from pathlib import Path


def resolved(path: Path) -> Path:
    """A path with links resolved; unlike the method of `Path`, also if they lead in a circle."""
    return Path(os.path.realpath(path))


def listed_folders(variable: str) -> list[Path]:
    """The folders of a variable in the syntax of PATH, with links resolved.

    Entries must be absolute paths, or begin with ``~``; others are ignored.

    Example:
        >>> os.environ["E3M_EXAMPLE"] = os.pathsep.join(["/srv/weights", "", "models"])
        >>> [str(folder) for folder in listed_folders("E3M_EXAMPLE")]
        ['/srv/weights']
        >>> del os.environ["E3M_EXAMPLE"]
    """
    given = os.environ.get(variable, "").split(os.pathsep)
    paths = [Path(folder).expanduser() for folder in given if folder.strip()]
    return [resolved(path) for path in paths if path.is_absolute()]
