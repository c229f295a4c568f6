"""How many samples an MP4 or QuickTime file announces, against what its size can hold.

FFmpeg makes an index of all that are announced when it opens such a file, so a header of a few
bytes could fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import VideoError

MANY = 1_000_000
"""Samples up to which a false number costs little; FFmpeg takes about 40 bytes for each."""
_HEADS = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
_FOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}
_MOST_BOXES = 1_000_000
"""Some 0.7 s; a fragment has about seven."""


def check_counts(path: Path) -> None:
    """Checks that the samples which an MP4 or QuickTime file announces fit into it.

    Raises:
        VideoError: they do not.
    """
    size, in_fragments = path.stat().st_size, 0
    with path.open("rb") as file:
        sound = by_chunks = False
        for kind, content in _boxes(file, size):
            if kind == b"hdlr" and content[4:8] != b"dhlr":
                sound = content[8:12] == b"soun"
            elif kind == b"stts":
                # FFmpeg takes sound whose samples all last one unit by the chunk
                by_chunks = sound and _number(content, 4) == _number(content, 12) == 1
            elif kind == b"stsz":
                count, needed = _number(content, 8), _number(content, 4) or 4
                if not by_chunks:
                    _check(path, size, count, needed)
            elif kind == b"trun":  # need not list them, but each has a byte elsewhere
                in_fragments += _number(content, 4)
                _check(path, size, in_fragments, 1)


def _check(path: Path, size: int, count: int, needed: int) -> None:
    if count > MANY and count * needed > size:
        least = "a byte" if needed == 1 else f"{needed} bytes"
        raise VideoError(
            f"{path.name} announces {count:,} samples of {least} or more, but has only "
            f"{size:,} bytes: its header is damaged or false, and reading it could fill the "
            "memory. Download or encode it again."
        )


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of a file in order: their kinds and the beginnings of their content.

    Folders are opened, and what follows them is not told from what is in them.
    """
    at = end = 0  # of the outermost box
    for _ in range(_MOST_BOXES):
        if at + 8 > size:
            return
        file.seek(at)
        head = file.read(32)
        length, kind, content = int.from_bytes(head[:4], "big"), head[4:8], head[8:]
        if at == 0 and kind not in _HEADS:
            return
        if length == 1:
            length, content = int.from_bytes(head[8:16], "big"), head[16:]
        outermost = at >= end
        stop = at + length if length else (size if outermost else end)
        if outermost:
            end = min(stop, size)
        yield kind, content
        if kind in _FOLDERS:
            at += len(head) - len(content)
        elif stop >= at + 8:
            at = min(stop, end)
        else:
            at = end  # FFmpeg, too, goes on behind


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 4], "big")
