"""Finding files by name in folders as people keep them: flat, or in parts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..request import GroundingError


class FilesByStem:
    """The files below a folder, by name without extension; the folder is walked once.

    HC-STVG v2 comes in ten parts and VidOR in a thousand groups: sub-folders do not matter.

    Args:
        folder: the folder.
        extensions: those that count, such as ``(".json",)``.

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
        """The file of a name; of several, the first in order of their paths."""
        return self._paths.get(stem)


def read_json(path: str | Path) -> tuple[Any, str]:
    """What a JSON file holds, and the SHA-256 of the file.

    Raises:
        GroundingError: it does not exist or is no JSON.
    """
    try:
        content = Path(path).expanduser().read_bytes()
    except OSError as error:
        raise GroundingError(f"'{path}' cannot be read: {error.strerror}.") from None
    try:
        return json.loads(content), hashlib.sha256(content).hexdigest()
    except ValueError as error:
        raise GroundingError(f"'{path}' is no JSON: {error}.") from None
