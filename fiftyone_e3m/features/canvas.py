"""What the encoder is shown: frames, crops and blurred frames, resized to the encoder's input."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ..video import Image

FINE_SIGMA = 4.0
"""Smallest standard deviation in pixels at which a blur looks smooth."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A frame from which all pictures for the encoder are made, each on demand.

    Blurring after shrinking gives the same picture as blurring before, at a fraction of the cost.

    Attributes:
        frame: (H, W, 3) the frame.
        size: height and width of the pictures.
        blur_sigma: standard deviation of the blur as a share of the frame's long side.
    """

    frame: Image
    size: tuple[int, int]
    blur_sigma: float

    @cached_property
    def sharp(self) -> Image:
        """The whole frame."""
        return resize(self.frame, self.size)

    @cached_property
    def blurred(self) -> Image:
        """The whole frame under a Gaussian blur."""
        sigma = self.blur_sigma * max(self.frame.shape[:2]) * self._scale
        return blur(self.sharp, sigma[0], sigma[1])

    @property
    def _scale(self) -> NDArray[np.float64]:
        """(4,) factors from xyxy in the frame to xyxy in the pictures."""
        (height, width), size = self.frame.shape[:2], self.size
        return np.array([size[1] / width, size[0] / height] * 2)

    def crop(self, box: NDArray[np.floating], pad: float) -> Image:
        """What is inside `box` (4,), enlarged by `pad` of its size on each side."""
        return crop(self.frame, box, pad, self.size)

    def only(self, box: NDArray[np.floating]) -> Image:
        """The frame blurred everywhere except in `box` (4,)."""
        return _paste(self.blurred.copy(), self.sharp, self._window(box))

    def without(self, others: NDArray[np.floating], box: NDArray[np.floating]) -> Image:
        """The frame with the boxes `others` (N, 4) blurred, except inside `box` (4,)."""
        image = self.sharp.copy()
        for other in others:
            _paste(image, self.blurred, self._window(other))
        return _paste(image, self.sharp, self._window(box))

    def _window(self, box: NDArray[np.floating]) -> tuple[slice, slice]:
        x1, y1, x2, y2 = np.round(box * self._scale).astype(int)
        return slice(max(y1, 0), max(y2, y1 + 1)), slice(max(x1, 0), max(x2, x1 + 1))


def resize(image: Image, size: tuple[int, int]) -> Image:
    """An image resized to `size` (height, width) without keeping its aspect ratio."""
    shrinks = image.shape[0] * image.shape[1] > size[0] * size[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(image, (size[1], size[0]), interpolation=method)


def halve(image: Image, side: int) -> Image:
    """An image halved for as long as its short side stays at least `side` pixels.

    Example:
        >>> halve(np.zeros((360, 640, 3), np.uint8), 64).shape
        (90, 160, 3)
    """
    while min(image.shape[:2]) >= 2 * side:
        image = resize(image, (image.shape[0] // 2, image.shape[1] // 2))
    return image


def blur(image: Image, sigma_x: float, sigma_y: float) -> Image:
    """A Gaussian blur; a wide one is computed on a smaller image: same look, less work."""
    height, width = image.shape[:2]
    shrink = max(1, int(min(sigma_x, sigma_y) / FINE_SIGMA))
    small = resize(image, (max(1, height // shrink), max(1, width // shrink)))
    sigmas = sigma_x * small.shape[1] / width, sigma_y * small.shape[0] / height
    small = cv2.GaussianBlur(small, (0, 0), sigmaX=sigmas[0], sigmaY=sigmas[1])
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def crop(frame: Image, box: NDArray[np.floating], pad: float, size: tuple[int, int]) -> Image:
    """The part of a frame inside `box` (4,), enlarged by `pad` of its size on each side."""
    height, width = frame.shape[:2]
    margin = pad * np.tile(box[2:] - box[:2], 2) * [-1, -1, 1, 1]
    x1, y1, x2, y2 = np.round(box + margin).astype(int)
    x1, y1 = np.clip([x1, y1], 0, [width - 1, height - 1])
    return resize(frame[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)], size)


def _paste(onto: Image, source: Image, window: tuple[slice, slice]) -> Image:
    onto[window] = source[window]
    return onto
