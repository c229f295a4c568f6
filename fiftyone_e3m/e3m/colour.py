"""Our addition `colour_weight`: whether a track has the colours that its sentence names.

On small boxes an image-text encoder hardly sees the colour of clothes; a count of pixels does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .arrays import Floats

COLOURS = (
    "black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown",
)  # fmt: skip
"""The eleven basic colour terms of English (Berlin and Kay)."""
PARTS = ("whole", "upper", "lower")
"""Parts of a box: its middle, and where clothes of the upper and the lower body are."""
LEAST = 0.05
"""Share of pixels that noise alone may have in a colour."""
ENOUGH = 0.3
"""Share above which more pixels say no more: a dog with patches is a white one, too."""


class Look(NamedTuple):
    """A colour of a part of something.

    Attributes:
        colour: number in `COLOURS`.
        part: number in `PARTS`.
    """

    colour: int
    part: int


def agreement(looks: Sequence[Look], shares: Floats) -> Floats:
    """How much of the tracks has the colours that a sentence names.

    Args:
        looks: what the sentence says.
        shares: (K, 3, 11) share of the pixels of each part in each colour, mean over each track.

    Returns:
        (K,) mean logarithm of the shares, up to `ENOUGH`, above `LEAST`: from 0 to 1.9; zeros if no
        colour is named.

    Example:
        >>> shares = np.zeros((2, 3, 11))
        >>> shares[0, 1, COLOURS.index("red")] = 0.95
        >>> agreement([Look(COLOURS.index("red"), PARTS.index("upper"))], shares).round(1).tolist()
        [1.9, 0.0]
    """
    if not looks:
        return np.zeros(len(shares))
    named = [np.minimum(shares[:, look.part, look.colour], ENOUGH) for look in looks]
    return np.log1p(np.array(named) / LEAST).mean(axis=0)
