"""What the contents of a file tell about its damage, before anything is decoded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .contents import Contents, Part

MOST_BEHIND = 0.1
"""Share of the bytes that pictures would need which may be something else: an index, or sound."""
MOST_GAPS = 0.1
"""Share of steps between pictures that may be odd in a stream whose rate is constant."""
NEAR = 8
"""Pictures between a damaged packet and those that are missing: more than are decoded before they
are shown. What is missing elsewhere is a pause of the recording."""


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
    return left > 0 and (size - end) * last > MOST_BEHIND * end * left


def corrupt_times(parts: Sequence[Part]) -> frozenset[int]:
    """Timestamps of damaged packets.

    Not the last one, which streams have that were cut out of others, nor any before a keyframe,
    which they have where they were joined.
    """
    pairs = pairwise(parts)
    return frozenset(part.when() for part, after in pairs if part.corrupt and not after.key)


def gaps(name: str, timestamps: NDArray[np.int64], corrupt: Collection[int]) -> tuple[str, ...]:
    """A note on pictures that are missing near damaged packets, if the others are evenly spaced.

    Args:
        name: of the file.
        timestamps: of the pictures, ascending.
        corrupt: those of damaged packets.
    """
    steps = np.diff(timestamps)
    steps = steps / np.median(steps)
    if (np.abs(steps - 1) > 0.1).mean() > MOST_GAPS:
        return ()
    around = np.searchsorted(timestamps, list(corrupt))[:, None] + np.arange(-NEAR, NEAR)
    near = np.unique(around.clip(0, len(steps) - 1))
    n_missing = int(np.maximum(np.rint(steps[near]) - 1, 0).sum())
    if not n_missing:
        return ()
    return (
        f"{name} is damaged: about {n_missing} of {len(timestamps) + n_missing} pictures are "
        "missing between the others, and frames after them have lower numbers than in the whole "
        "video. Download or encode it again.",
    )
