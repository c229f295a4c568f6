"""Colours of boxes, as shares of their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..e3m import Tracks
from ..e3m.colour import COLOURS, PARTS
from ..video import Image

_WINDOWS = {"whole": (0.15, 0.85), "upper": (0.15, 0.5), "lower": (0.5, 0.9)}
"""First and last height of each part, as a share of the box; its width is the middle 60 %."""
_MARGIN = 0.2
_PIXELS = 1200
"""A larger part is shrunk to about this many pixels."""
_DARK, _BRIGHT, _DULL = 55, 175, 45
"""Values below and above which grey is black and white; saturation below which all is grey."""
_HUES = (8, 20, 34, 88, 130, 150, 172, 181)
_OF_HUE = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "red")
"""Upper ends of OpenCV's hues (0..180), and what they are called."""


@dataclass(frozen=True, eq=False)
class Colours:
    """Collects the colours of all regions while a video is read.

    Attributes:
        tracks: the tracks.
        shares: (M, 3, 11) of the regions of the frames that were read, see `colour_shares`.
    """

    tracks: Tracks
    shares: NDArray[np.float32]

    @classmethod
    def of(cls, tracks: Tracks) -> Colours:
        """For the regions of these tracks."""
        shape = len(tracks.regions), len(PARTS), len(COLOURS)
        return cls(tracks, np.zeros(shape, np.float32))

    def watch(self, t: int, frame: Image) -> None:
        """Takes the colours of the regions in sampled frame `t`."""
        first, last = np.searchsorted(self.tracks.regions[:, 1], [t, t + 1])
        for row in range(first, last):
            self.shares[row] = colour_shares(frame, self.tracks.box[self.tracks.regions[row, 0], t])


def colour_shares(frame: Image, box: NDArray[np.floating]) -> NDArray[np.float32]:
    """Share of the pixels of each part of a box in each colour.

    Args:
        frame: (H, W, 3) RGB.
        box: (4,) xyxy in pixels, within the frame.

    Returns:
        (3, 11), see `PARTS` and `COLOURS`; each row sums to 1.

    Example:
        >>> frame = np.zeros((40, 40, 3), np.uint8)
        >>> frame[:20] = 255, 0, 0
        >>> upper, lower = colour_shares(frame, np.array([0., 0, 40, 40]))[1:]
        >>> COLOURS[upper.argmax()], COLOURS[lower.argmax()]
        ('red', 'black')
    """
    x, y = box[:2]
    width, height = box[2:] - box[:2]
    columns = _window(x + _MARGIN * width, x + (1 - _MARGIN) * width, frame.shape[1])
    shares = np.zeros((len(PARTS), len(COLOURS)), np.float32)
    for row, part in enumerate(PARTS):
        top, bottom = _WINDOWS[part]
        pixels = frame[_window(y + top * height, y + bottom * height, frame.shape[0]), columns]
        n = pixels.shape[0] * pixels.shape[1]
        if n > _PIXELS:
            scale = (_PIXELS / n) ** 0.5
            pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        r, g, b = (pixels >> 3).reshape(-1, 3).T
        shares[row] = np.bincount(_table()[r, g, b], minlength=len(COLOURS)) / len(r)
    return shares


def _window(start: float, end: float, limit: int) -> slice:
    """At least one pixel between two edges."""
    first = min(max(0, int(start)), limit - 1)
    return slice(first, max(first + 1, int(end)))


@lru_cache(maxsize=1)
def _table() -> NDArray[np.int64]:
    """(32, 32, 32) the colour of each RGB value with five bits per channel."""
    levels = np.arange(4, 256, 8, dtype=np.uint8)
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    hsv = cv2.cvtColor(rgb.reshape(-1, 1, 3), cv2.COLOR_RGB2HSV).reshape(-1, 3)
    hue, saturation, value = hsv.astype(int).T
    number = {name: i for i, name in enumerate(COLOURS)}
    of_hue = np.array([number[name] for name in _OF_HUE])
    colour = of_hue[np.searchsorted(_HUES, hue, side="right")]
    reddish = (hue < _HUES[0]) | (hue >= _HUES[-2])
    colour[reddish & (saturation < 120) & (value > 170)] = number["pink"]
    colour[(hue >= 5) & (hue < 22) & (value < 150)] = number["brown"]
    dull = saturation < _DULL
    colour[dull] = np.where(value[dull] > _BRIGHT, number["white"], number["grey"])
    colour[value < _DARK] = number["black"]
    return colour.reshape(32, 32, 32)
