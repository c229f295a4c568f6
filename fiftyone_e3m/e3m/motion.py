"""Our addition `motion_weight`: whether a track moves through the picture as the sentence says.

An image-text encoder sees single pictures and cannot tell who comes in from the right; a track can.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import Floats

END_SHARE = 8
"""A track's ends are the first and the last of this many parts."""
FULL_CROSSING = 0.3
"""Share of the picture's width that a clear move covers."""


class Motion(NamedTuple):
    """How something moves through the picture, as a sentence says; 0 where it does not say.

    Attributes:
        enters: side that it comes from, -1 left or 1 right.
        leaves: side that it goes to.
        across: direction in which it crosses, if not back to where it came from.
        nearer: 1 if it comes toward the camera, -1 if it goes away.
    """

    enters: int
    leaves: int
    across: int
    nearer: int


def agreement(said: Motion, box: Floats, size: tuple[int, int]) -> float:
    """How well a track agrees with what a sentence says of its motion.

    Args:
        said: what the sentence says.
        box: (L, 4) boxes of the track in time order, xyxy in pixels.
        size: width and height of a frame in pixels.

    Returns:
        Mean over what is said, -1 (the opposite) to 1; 0 if nothing is said.

    Example:
        >>> box = np.array([[x, 0, x + 10, 20] for x in range(0, 90, 10)], float)
        >>> agreement(Motion(0, 0, 1, 0), box, (100, 50))
        1.0
        >>> round(agreement(Motion(1, 0, 0, 0), box, (100, 50)), 2)
        -0.9
    """
    n = max(1, len(box) // END_SHARE)
    centre = box[:, [0, 2]].mean(axis=1) / size[0]
    start, end = np.median(centre[:n]), np.median(centre[-n:])
    height = box[:, 3] - box[:, 1]
    growth = np.log2(np.median(height[-n:]) / max(1.0, float(np.median(height[:n]))))
    across = np.clip((end - start) / FULL_CROSSING, -1, 1)
    found = [
        said.enters * (2 * start - 1),
        said.leaves * (2 * end - 1),
        said.across * across,
        said.nearer * np.clip(growth, -1, 1),
    ]
    agreed = [value for value, word in zip(found, said, strict=True) if word]
    return float(np.mean(agreed)) if agreed else 0.0
