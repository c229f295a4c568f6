"""Masks of boxes, as COCO's run lengths over the whole frame."""

from __future__ import annotations

import cv2
import fiftyone as fo
import numpy as np
from numpy.typing import NDArray

from .reading import Mask


def run_lengths(mask: Mask, xyxy: NDArray[np.float64], width: int, height: int) -> list[int]:
    """The run lengths of a mask in its frame, column by column: zeros, ones, zeros, ...

    The frame's pixels are those that FiftyOne's importer of COCO cuts out again: from the rounded
    corner of the box to the other.

    Args:
        mask: (h, w) mask within the box, of any size and non-zero where the object is; or the path
            of a file with it.
        xyxy: (4,) the box in pixels; what is outside of the frame is cut off.
        width: of the frame in pixels.
        height: of the frame in pixels.

    Raises:
        OSError: the file cannot be read.
        ValueError: the mask is not a picture.

    Example:
        >>> run_lengths(np.array([[1, 0], [1, 1]]), np.array([1.0, 0, 3, 2]), width=4, height=3)
        [3, 2, 2, 1, 4]
    """
    left, top, right, bottom = np.rint(xyxy).astype(int).tolist()
    shown = _loaded(mask).astype(bool).astype(np.uint8)
    if shown.ndim != 2 or shown.size == 0:
        raise ValueError(f"a mask has a height and a width, but this one has {shown.shape}")
    size = max(1, right - left), max(1, bottom - top)
    if shown.shape != size[::-1]:
        shown = cv2.resize(shown, size, interpolation=cv2.INTER_NEAREST)
    frame = np.zeros((height, width), np.uint8)
    inside = frame[max(0, top) : max(0, top + size[1]), max(0, left) : max(0, left + size[0])]
    cut = shown[max(0, -top) :, max(0, -left) :]
    inside[:] = cut[: inside.shape[0], : inside.shape[1]]
    pixels = frame.ravel(order="F")
    changes = np.flatnonzero(np.diff(pixels)) + 1
    lengths = np.diff(np.concatenate([[0], changes, [len(pixels)]])).tolist()
    return [0, *lengths] if pixels[0] else lengths


def _loaded(mask: Mask) -> NDArray[np.uint8]:
    if not isinstance(mask, str):
        return np.asarray(mask)
    loaded = fo.Detection(mask_path=mask).get_mask()
    if loaded is None:
        raise FileNotFoundError(f"there is no mask in {mask}")
    return np.asarray(loaded)
