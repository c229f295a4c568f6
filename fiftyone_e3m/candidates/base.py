"""What the pipeline asks of a detector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from ..boxes import Boxes
from ..video import Image

CHUNK = 8
"""Frames per detector call: bounds memory at a few frames, and is enough to batch."""


class DetectorError(Exception):
    """A detector cannot be loaded or run; the message says why and what to do."""


@runtime_checkable
class Detector(Protocol):
    """Any object with these members can be given as `detector`.

    It must not carry anything from one call to the next: frames of several videos pass through it.
    It may have a `fingerprint`, a str: identifies weights, settings and device. What it found once
    need not be found again by a detector that has the same. None, or without it: nothing is kept on
    disk.

    Attributes:
        name: identifies the model, for run records.
    """

    name: str

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of each frame (H, W, 3) uint8 RGB, in the frames' order; all scores, no limits."""
        ...


def detect(chunks: Iterable[Sequence[Image]], detector: Detector) -> list[Boxes]:
    """Boxes of the frames of a video, a chunk of frames in memory at a time.

    Args:
        chunks: the frames, in order.
        detector: the model.

    Returns:
        `Boxes` of each frame, empty ones where nothing was found.

    Raises:
        DetectorError: the detector returned boxes for another number of frames.
    """
    found: list[Boxes] = []
    for chunk in chunks:
        boxes = detector.detect(chunk)
        if len(boxes) != len(chunk):
            raise DetectorError(
                f"Detector '{detector.name}' returned {len(boxes)} results for {len(chunk)} "
                "frames; it must return one per frame, empty ones included."
            )
        found += boxes
    return found
