"""Whether two pictures show the same view, and where one view dissolves into another."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .container import Image

Glance = NDArray[np.float32]
"""A picture of 32x18 pixels: what is where, and in which colour, but no detail that moves."""

GLANCE = (32, 18)
SAME = 0.9
"""Least correlation of two pictures of one view, whatever their exposure."""
OTHER = 0.6
"""Most correlation of two pictures of different views."""
SPANS = (16, 32, 48)
"""Frames over which a dissolve is looked for: they cover dissolves of about 6 to 48 frames."""
PURE = 0.2
"""Most of a picture within a dissolve, relative to the change, that is no mixture of its ends. Pans
over real scenes leave .31 and more, and so do dissolves between cameras that move: those are
missed."""
HALF = (0.3, 0.7)
"""Share of the second view in the middle of a dissolve."""
VISIBLE = 8.0
"""Least change over a dissolve, root mean square in levels of 255."""


def glance(picture: Image) -> Glance:
    """(18, 32, 3) float32 of a picture (H, W, 3) of any size."""
    small: Glance = cv2.resize(picture, GLANCE, interpolation=cv2.INTER_AREA).astype(np.float32)
    return small


def correlation(one: Glance, other: Glance) -> float:
    """Of all pixels and channels, -1..1; a change of brightness or contrast does not lower it."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / size if size > 1 else 0.0


def same_view(one: Glance, other: Glance) -> bool:
    """Whether two pictures differ in exposure at most, or by small motion."""
    return correlation(one, other) > SAME


class DissolveFinder:
    """Finds slow changes from one view to another; it must be shown every frame, in order.

    In the middle of a dissolve the picture is a mixture of those at its ends, which differ. When a
    camera moves, the picture in the middle is a third one; when the light changes, its ends do not
    differ.
    """

    def __init__(self) -> None:
        self._last: deque[Glance] = deque(maxlen=max(SPANS) + 1)
        self._n_shown = 0
        self._found: list[tuple[int, float]] = []

    def show(self, picture: Glance) -> None:
        """Looks at the next frame."""
        self._last.append(picture)
        self._n_shown += 1
        for span in SPANS:
            if len(self._last) > span:
                share = _mixture(self._last[-1 - span], self._last[-1 - span // 2], picture)
                if share is not None:
                    self._note(self._n_shown - 1 - span // 2, abs(share - 0.5))

    def _note(self, frame: int, off: float) -> None:
        """Keeps the frame of each dissolve that is most nearly half of each view."""
        if self._found and abs(frame - self._found[-1][0]) <= max(SPANS) // 2:
            self._found[-1] = min(self._found[-1], (frame, off), key=lambda found: found[1])
        else:
            self._found.append((frame, off))

    def apart_from(self, cuts: Sequence[int]) -> list[int]:
        """Middle frames of the dissolves, without those that a cut accounts for."""
        near = max(SPANS) // 2
        frames = [frame for frame, _ in self._found]
        return [f for f in frames if all(abs(f - cut) > near for cut in cuts)]


def _mixture(first: Glance, middle: Glance, last: Glance) -> float | None:
    """The share of `last` in `middle`; None if that is no mixture of two different views."""
    change = last - first
    size = float((change * change).sum())
    if size < VISIBLE**2 * change.size:
        return None
    share = float(((middle - first) * change).sum()) / size
    if not HALF[0] < share < HALF[1]:
        return None
    rest = float(np.linalg.norm(middle - first - share * change))
    if rest > PURE * size**0.5 or correlation(first, last) > OTHER:
        return None
    return share
