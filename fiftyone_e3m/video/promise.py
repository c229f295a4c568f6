"""How large a file says that it is, which tells a file that was cut off from one that is whole."""

from __future__ import annotations

from pathlib import Path

_SEGMENT = bytes.fromhex("18538067")


def promised_size(path: Path) -> int:
    """Bytes that the outermost chunk of an AVI or Matroska file announces; 0 if it does not say.

    The number of frames in a header is often wrong in whole files; this one is not, since no reader
    would find the end.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == b"RIFF":
        length = int.from_bytes(head[4:8], "little")
        return 0 if length == 0xFFFFFFFF else 8 + length  # nobody knew it when it was piped
    at = head.find(_SEGMENT)
    if head[:4] == bytes.fromhex("1a45dfa3") and 0 < at < len(head) - 12 and head[at + 4]:
        length = 9 - head[at + 4].bit_length()  # of the number: one bit marks it
        digits = int.from_bytes(head[at + 4 : at + 4 + length], "big")
        size, unknown = digits & ~(1 << 7 * length), (1 << 7 * length) - 1
        return 0 if size == unknown else at + 4 + length + size
    return 0
