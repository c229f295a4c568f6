"""What the header and the packets of a file say; nothing is decoded."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av

from .container import opened, packets
from .errors import VideoError

PLAYED = ("mov", "matroska")
"""FFmpeg's names of the containers that browsers play: MP4 and MOV, Matroska and WebM."""
LISTED = ("mov", "avi")
"""Those of the containers whose index lists every picture: MP4 and MOV, AVI."""
MICRO = 1_000_000
"""FFmpeg counts the time of a container in microseconds."""
_DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Part:
    """What is kept of a packet.

    Attributes:
        pts: when its picture is shown, in the stream's unit; None if it does not say.
        dts: the same for when it is decoded.
        duration: of the picture; 0 if it does not say.
        hidden: whether an edit list leaves the picture out.
        corrupt: whether the container knows it to be damaged.
        key: whether decoding may begin with it.
        end: byte of the file behind it.
    """

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
        return cls(packet.pts, packet.dts, packet.duration or 0, *flags, end)

    def when(self) -> int:
        """When its picture is shown; 0 if it does not say."""
        return self.pts or 0


@dataclass(frozen=True)
class Contents:
    """What the header and the packets of a file say.

    Attributes:
        parts: its packets, in the order of decoding.
        rate: frames per second, as FiftyOne's metadata has it.
        unit: seconds per step of a timestamp.
        container: FFmpeg's name of its kind.
        codec: FFmpeg's name of it.
        reorders: whether the codec may show pictures in another order than they are decoded.
        listed: pictures in the index of the file, or packets if it has none; 0 in containers whose
            index does not list every picture.
        announced: pictures by the header, which is often wrong; 0 if it does not say.
        start: when the first track begins, in seconds.
        end: when the video ends by the header, in seconds; 0 if it does not say.
        tagged_end: the same by a tag that programs write when they end a Matroska file, or None.
    """

    parts: list[Part]
    rate: float
    unit: float
    container: str
    codec: str
    reorders: bool
    listed: int
    announced: int
    start: float
    end: float
    tagged_end: float | None

    @cached_property
    def shown(self) -> list[Part]:
        """The packets whose pictures no edit list hides, in the order of decoding."""
        return [part for part in self.parts if not part.hidden]

    @property
    def played(self) -> bool:
        """Whether browsers play such containers."""
        return self.container.startswith(PLAYED)


def read_contents(path: Path) -> Contents:
    """Reads all packets of a file.

    Raises:
        VideoError: the file cannot be opened, or has no frame rate.
    """
    with opened(path) as (container, stream):
        kind, unit = container.format.name, float(stream.time_base or 1)
        tagged = _tagged_end(stream)
        if stream.duration is not None:
            end = ((stream.start_time or 0) + stream.duration) * unit
        else:  # the file may have longer sound
            end = (container.duration or 0) / MICRO if tagged is None else tagged
        parts = [Part.of(packet) for packet in packets(container, stream) if packet.size]
        return Contents(
            parts=parts,
            rate=_rate(path, stream, kind.startswith(PLAYED)),
            unit=unit,
            container=kind,
            codec=stream.codec_context.name,
            reorders=bool(stream.codec_context.has_b_frames),
            # FFmpeg makes an index while it reads packets, where the file has none
            listed=len(stream.index_entries) if kind.startswith(LISTED) else 0,
            announced=stream.frames,
            start=(container.start_time or 0) / MICRO,
            end=end,
            tagged_end=tagged,
        )


def _rate(path: Path, stream: av.VideoStream, played: bool) -> float:
    """The rate of FiftyOne's metadata; that of the codec where there is no index.

    Raises:
        VideoError: there is none.
    """
    average, guessed = stream.average_rate, stream.guessed_rate
    rates = (average, stream.base_rate) if played else (guessed, average)
    rate = float(next(filter(None, rates), Fraction(0)))
    if not (math.isfinite(rate) and rate > 0):
        raise VideoError(f"{path.name} has no frame rate ({rate}). Encode it again.")
    return rate


def _tagged_end(stream: av.VideoStream) -> float | None:
    tag = _DURATION.match(stream.metadata.get("DURATION", ""))
    if not tag:
        return None
    hours, minutes, seconds = map(float, tag.groups())
    return 3600 * hours + 60 * minutes + seconds
