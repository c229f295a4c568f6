"""Lookup of files by name, in folders with or without sub-folders."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..request import GroundingError


class FilesByStem:
    """The files below a folder, by name without extension; the folder is scanned once.

    Sub-folders are searched: HC-STVG v2 comes in ten parts and VidOR in a thousand groups.

    Args:
        folder: the folder.
        extensions: the accepted extensions, such as ``(".json",)``.

    Raises:
        GroundingError: there is no such folder.
    """

    def __init__(self, folder: str | Path, extensions: tuple[str, ...]) -> None:
        self.folder = Path(folder).expanduser().resolve()
        if not self.folder.is_dir():
            raise GroundingError(f"There is no folder '{folder}'.")
        files = (path for path in self.folder.rglob("*") if path.suffix.lower() in extensions)
        self._paths = {path.stem: path for path in sorted(files, reverse=True)}

    def find(self, stem: str) -> Path | None:
        """The file with a name; if there are several, the first by path."""
        return self._paths.get(stem)


def read_json(path: str | Path) -> tuple[Any, str]:
    """The content of a JSON file, and the SHA-256 of the file.

    Raises:
        GroundingError: the file cannot be read or is not valid JSON.
    """
    try:
        content = Path(path).expanduser().read_bytes()
    except OSError as error:
        raise GroundingError(f"'{path}' cannot be read: {error.strerror}.") from None
    try:
        return json.loads(content), hashlib.sha256(content).hexdigest()
    except ValueError as error:
        raise GroundingError(f"'{path}' is not valid JSON: {error}.") from None
