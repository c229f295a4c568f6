"""The folders that operators may write to: whoever reaches the App must not reach all files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..request import GroundingError
from .listed import listed_folders, resolved

OUTPUT_DIRS = "E3M_OUTPUT_DIRS"
"""Environment variable: folders that operators may write below, in the syntax of PATH."""
NAMED = 3
"""Most folders that a message lists."""


def check_output(out: Path, media: Iterable[str]) -> Path:
    """Checks that an operator may write to a folder; links are followed first.

    Allowed are the folders of ``E3M_OUTPUT_DIRS``, absolute paths, and all below. If it is not set,
    these are the folders of the dataset's media, and the user's home without its hidden folders.

    Args:
        out: the folder.
        media: paths of the dataset's media.

    Returns:
        The folder, with links resolved.

    Raises:
        GroundingError: it is elsewhere.
    """
    out = resolved(out)
    if os.environ.get(OUTPUT_DIRS):
        allowed = listed_folders(OUTPUT_DIRS)
        fits = any(out.is_relative_to(folder) for folder in allowed)
    else:
        allowed = [resolved(Path.home())]
        folders = _folders(media)
        fits = _below_home(out, allowed[0]) or any(
            out.is_relative_to(folder) and any(map(os.path.isfile, files))
            for folder, files in folders.items()
        )
        allowed += folders
    if not fits:
        names = ", ".join(f"'{folder}'" for folder in allowed[:NAMED])
        raise GroundingError(
            f"Operators may not write to '{out}', but below {names}"
            f"{' ...' if allowed[NAMED:] else ''}. Choose a folder there, or have it added to "
            f"{OUTPUT_DIRS}; from Python, files can be written anywhere."
        )
    return out


def _below_home(out: Path, home: Path) -> bool:
    """Whether a folder is in the home and not hidden; a home of ``/`` allows nothing."""
    if home == Path(home.anchor) or not out.is_relative_to(home):
        return False
    return not any(part.startswith(".") for part in out.relative_to(home).parts)


def _folders(media: Iterable[str]) -> dict[Path, list[str]]:
    """The media by folder, with links resolved; none in ``/`` itself."""
    by_name: dict[str, list[str]] = {}
    for path in media:
        by_name.setdefault(os.path.dirname(path), []).append(path)
    folders: dict[Path, list[str]] = {}
    for name, paths in by_name.items():
        folder = resolved(Path(name))
        if folder != Path(folder.anchor):
            folders.setdefault(folder, []).extend(paths)
    return folders
