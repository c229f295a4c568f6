"""FiftyOne's player in a browser: which picture it shows for each frame number.

For frame n, from 1, it seeks to ``(n - 1 + .01) / fps`` seconds. In a video whose first picture
comes late, or whose pictures are not evenly spaced, the picture there is not the n-th one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

MICRO = 1_000_000
"""Browsers count time in microseconds."""


def count_frames(seconds: float, rate: float) -> int:
    """How many frames of a video the player counts.

    Example:
        >>> count_frames(2.0, 30), count_frames(2.01, 30)
        (60, 61)
    """
    return max(1, math.floor(seconds * rate + 0.9))


def shown_pictures(
    begins: NDArray[np.floating], ends: NDArray[np.floating], rate: float
) -> NDArray[np.int64]:
    """(F,) 0-based number of the picture that each frame shows, ascending.

    These are the very steps of the player and of Chromium: it rounds timestamps, cuts off the time
    to seek to, and shows the first picture that has not ended, or the one before if that one has
    not begun.

    Args:
        begins: (P,) when each picture is shown first, in seconds.
        ends: (P,) until when, if no other follows.
        rate: frames per second.

    Example:
        >>> late = np.array([0.2, 0.3])
        >>> shown_pictures(late, late + 0.1, rate=10).tolist()
        [0, 0, 0, 1]
    """
    n_frames = count_frames(float(ends.max()), rate)
    seeks = np.trunc((np.arange(1, n_frames + 1) - 1 + 0.01) / rate * MICRO)
    begins, ends = np.rint(begins * MICRO), np.rint(ends * MICRO)
    shows = np.searchsorted(np.maximum.accumulate(ends), seeks, side="right")
    shows = np.minimum(shows, len(begins) - 1)
    return np.maximum(shows - (begins[shows] > seeks), 0)


def remarks(name: str, shows: NDArray[np.int64], first: float, rate: float) -> tuple[str, ...]:
    """Sentences on frames that are not numbered as pictures are counted.

    Args:
        name: of the file.
        shows: (F,) the picture of each frame.
        first: when the first picture is shown, in seconds.
        rate: frames per second.
    """
    late = round(first * rate)
    even = np.maximum(np.arange(len(shows)) - late, 0)
    notes = []
    if late:
        notes.append(
            f"The first picture of {name} comes {first:.3g} s late. Frames are numbered by time, "
            f"as in FiftyOne's player; tools that count pictures use numbers that are {late} lower."
        )
    if np.abs(shows - even).max() > 1:
        notes.append(
            f"The pictures of {name} are not evenly spaced in time. Frames are numbered by time at "
            f"{rate:.4g} per second, as in FiftyOne's player; tools that count pictures use other "
            "numbers."
        )
    return tuple(notes)
