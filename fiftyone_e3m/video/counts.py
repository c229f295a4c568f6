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
_FOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_MOST_BOXES = 10_000


def check_counts(path: Path) -> None:
    """Checks that the samples which an MP4 or QuickTime file announces fit into it.

    Raises:
        VideoError: they do not.
    """
    size = path.stat().st_size
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
                if count > MANY and count * needed > size and not by_chunks:
                    raise VideoError(
                        f"{path.name} announces {count:,} samples of {needed} bytes or more, but "
                        f"has only {size:,} bytes: its header is damaged or false, and reading it "
                        "could fill the memory. Download or encode it again."
                    )


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The boxes before and in ``moov``, in order: their kinds and the beginnings of their content.

    Folders are opened, and what follows them is not told from what is in them.
    """
    at, end = 0, size
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        head = file.read(32)
        length, kind, content = int.from_bytes(head[:4], "big"), head[4:8], head[8:]
        if at == 0 and kind not in _HEADS:
            return
        if length == 1:
            length, content = int.from_bytes(head[8:16], "big"), head[16:]
        stop = at + (length or size - at)
        if kind == b"moov":
            end = min(stop, size)
        yield kind, content
        if kind in _FOLDERS:
            at += len(head) - len(content)
        elif stop >= at + 8:
            at = stop
        else:
            return


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 4], "big")
