"""What the contents of a file tell about its damage, before anything is decoded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .clock import stored_times
from .contents import Contents, Part

MOST_BEHIND = 0.1
"""Share of the bytes that pictures would need which may be something else: an index, or sound."""
MOST_GAPS = 0.1
"""Share of steps between pictures that may be odd in a stream whose rate is constant."""
NEAR = 8
"""Pictures between a damaged packet and those that are missing: more than are decoded before they
are shown. What is missing elsewhere is a pause of the recording."""

MOST_LEFT_OUT = 1000
"""Steps from which on a gap is not of a damaged stream, but between two that were joined."""
SHORTLY = 2
"""Packets from a damaged one to the keyframe of another stream that was joined to it."""


def given_up(contents: Contents, size: int) -> bool:
    """Whether FFmpeg found no more packets in a Matroska file that is damaged.

    So it is if the track should last longer, by its tag, and more bytes are left than what follows
    the last packet of a whole one.

    Args:
        contents: of the file.
        size: of the file, in bytes.
    """
    told, parts = contents.tagged_end, contents.parts
    if told is None or not parts:
        return False
    last = max(part.when() + part.duration for part in parts) * contents.unit
    left, end = told - last, max(part.end for part in parts)
    return left * contents.rate >= 1 and (size - end) * last > MOST_BEHIND * end * left


def corrupt_times(parts: Sequence[Part]) -> frozenset[int]:
    """Timestamps of damaged packets.

    Not those shortly before a keyframe or the end, which streams have where they were joined or cut
    out of others.
    """
    keys = [part.key for part in parts] + [True]
    return frozenset(
        part.when()
        for i, part in enumerate(parts)
        if part.corrupt and not any(keys[i + 1 : i + 1 + SHORTLY])
    )


def gaps(name: str, parts: Sequence[Part]) -> tuple[str, ...]:
    """A note on pictures that are missing near damaged packets, if the others are evenly spaced.

    Args:
        name: of the file.
        parts: its packets. What is left of a damaged one may have no time of showing.
    """
    timed = [part for part in parts if part.pts is not None]
    corrupt = [part.when() for part in timed if part.corrupt]
    if not corrupt:
        return ()
    timestamps = np.sort(stored_times(timed))
    if len(timestamps) < 2:
        return ()
    steps = np.diff(timestamps)
    steps = steps / np.median(steps)
    if (np.abs(steps - 1) > 0.1).mean() > MOST_GAPS:
        return ()
    around = np.searchsorted(timestamps, corrupt)[:, None] + np.arange(-NEAR, NEAR)
    near = steps[np.unique(around.clip(0, len(steps) - 1))]
    n_missing = int(np.maximum(np.rint(near[near < MOST_LEFT_OUT]) - 1, 0).sum())
    n_missing -= len(parts) - len(timed)
    if n_missing <= 0:
        return ()
    return (
        f"{name} is damaged: about {n_missing} of {len(parts) + n_missing} pictures are "
        "missing between the others, and frames after them have lower numbers than in the whole "
        "video. Download or encode it again.",
    )
