"""Writing of files that must not leave their folder, whatever links lie in it."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..request import GroundingError


def inside(folder: Path, relative: str) -> Path:
    """The place of a file in a folder, whose sub-folders are made if needed.

    Args:
        folder: an existing folder; it may be a link itself.
        relative: the path of the file in it.

    Returns:
        The path, with links resolved but for one in place of the file.

    Raises:
        GroundingError: the path leads out of the folder, for example through a link.
        OSError: a sub-folder cannot be made.
    """
    root = Path(os.path.realpath(folder))
    parent = Path(os.path.realpath((root / relative).parent))
    name = Path(relative).name
    if not parent.is_relative_to(root) or name in ("", ".."):
        raise GroundingError(
            f"'{folder / relative}' leads out of '{folder}', to '{parent}'. Remove the link, or "
            "choose another folder."
        )
    parent.mkdir(parents=True, exist_ok=True)
    return parent / name


def write_inside(folder: Path, relative: str, content: str | bytes) -> Path:
    """Writes a file in a folder; a link in its place is replaced and not followed.

    The file appears when it is complete. See `inside` for arguments and errors.

    Returns:
        The path of the file.
    """
    path = inside(folder, relative)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return folder / relative
