"""What a schedule keeps of each packet of a file."""

from __future__ import annotations

from dataclasses import dataclass

import av


@dataclass(frozen=True)
class Part:
    """What is kept of a packet.

    Attributes:
        size: in bytes.
        pts: when its picture is shown, in the stream's unit; None if it does not say.
        dts: the same for when it is decoded.
        duration: of the picture; 0 if it does not say.
        hidden: whether an edit list leaves the picture out.
        corrupt: whether the container knows it to be damaged.
        key: whether decoding may begin with it.
        end: byte of the file behind it.
    """

    size: int
    pts: int | None
    dts: int | None
    duration: int
    hidden: bool
    corrupt: bool
    key: bool
    end: int

    @classmethod
    def of(cls, packet: av.Packet) -> Part:
        """What is kept of this packet."""
        flags = packet.is_discard, packet.is_corrupt, packet.is_keyframe
        end = (packet.pos or 0) + packet.size
        return cls(packet.size, packet.pts, packet.dts, packet.duration or 0, *flags, end)

    def when(self) -> int:
        """When its picture is shown; 0 if it does not say."""
        return self.pts or 0
