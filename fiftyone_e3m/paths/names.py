"""File names made of the names of videos, which may hold anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from ..texts import one_line

UNSAFE = re.compile(r'[/\\:*?"<>|%\u202a-\u202e\u2066-\u2069]')
"""Separators, what some systems or tools refuse, and marks that turn the reading direction."""
LONGEST = 150
"""Most bytes of a name: systems allow 255, with what is appended."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names of devices on Windows."""


def safe_name(text: str) -> str:
    r"""A text as the name of a file or folder, which stays where it is put.

    Example:
        >>> safe_name("a video"), safe_name(".."), safe_name("../a\nb")
        ('a video', '_', '_a b')
    """
    name = UNSAFE.sub("_", one_line(text)).strip(" .")
    if not name:
        return "_"
    if RESERVED.fullmatch(name):
        return f"_{name}"
    content = name.encode()
    if len(content) <= LONGEST:
        return name
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
    return f"{content[: LONGEST - 9].decode(errors='ignore')}-{digest}"


def file_names(paths: Iterable[str]) -> list[str]:
    """The stem of each file as a safe name, with a number if several share it, in any case."""
    taken: set[str] = set()
    names = []
    for path in paths:
        stem = name = safe_name(Path(path).stem)
        n = 1
        while name.casefold() in taken:
            n += 1
            name = f"{stem}-{n}"
        taken.add(name.casefold())
        names.append(name)
    return names
