"""What the packets of a file tell about its damage, before anything is decoded."""

from __future__ import annotations

import re
from itertools import pairwise

import av
import numpy as np
from numpy.typing import NDArray

from .parts import Part

MOST_LEFT = 0.25
"""Seconds by which the tag of a track's duration may be wrong."""
MOST_BEHIND = 0.1
"""Share of the bytes that pictures would need which may be something else: an index, or sound."""
_DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")
MOST_GAPS = 0.1
"""Share of steps between pictures that may be odd in a stream whose rate is constant."""
MOST_LEFT_OUT = 1000
"""Steps from which on a gap is a pause of the recording rather than pictures that are missing."""


def told_end(stream: av.VideoStream) -> float | None:
    """When a Matroska track ends, in seconds, by the tag that programs write; None without one."""
    tag = _DURATION.match(stream.metadata.get("DURATION", ""))
    if not tag:
        return None
    hours, minutes, seconds = map(float, tag.groups())
    return 3600 * hours + 60 * minutes + seconds


def given_up(stream: av.VideoStream, parts: list[Part], size: int) -> bool:
    """Whether FFmpeg found no more packets in a Matroska file that is damaged.

    So it is if the track should last longer, by a tag that programs write when they end the file,
    and more bytes are left than what follows the last packet of a whole one.
    """
    told = told_end(stream)
    if told is None or not parts:
        return False
    last = max(part.when() + part.duration for part in parts) * float(stream.time_base or 1)
    left = told - last
    end = max(part.end for part in parts)
    return last > 0 and left > MOST_LEFT and size - end > MOST_BEHIND * end * left / last


def corrupt_times(parts: list[Part]) -> frozenset[int]:
    """Timestamps of damaged packets.

    Not those at the ends, which streams have that were cut out of others, nor any before a
    keyframe, which they have where they were joined.
    """
    inner = pairwise(parts[1:])
    return frozenset(part.when() for part, after in inner if part.corrupt and not after.key)


def gaps(name: str, timestamps: NDArray[np.int64]) -> tuple[str, ...]:
    """A note on pictures that are missing between others, if those are evenly spaced."""
    steps = np.diff(timestamps)
    steps = steps / np.median(steps)
    if (np.abs(steps - 1) > 0.1).mean() > MOST_GAPS:
        return ()
    n_missing = int(np.maximum(np.rint(steps[steps < MOST_LEFT_OUT]) - 1, 0).sum())
    if not n_missing:
        return ()
    return (
        f"{name} is damaged: about {n_missing} of {len(timestamps) + n_missing} pictures are "
        "missing between the others, and frames after them have lower numbers than in the whole "
        "video. Download or encode it again.",
    )
