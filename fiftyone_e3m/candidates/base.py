"""What the pipeline requires of a detector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Protocol, runtime_checkable

import numpy as np

from ..boxes import Boxes
from ..encoders import Ration, blamed
from ..texts import Refusal
from ..video import Image

CHUNK = 8
"""Frames per detector call: few enough for memory, and enough for a batch."""


class DetectorError(Refusal):
    """A detector cannot be loaded or run; the message says why and what to do."""


@runtime_checkable
class Detector(Protocol):
    """Any object with these members can be given as `detector`.

    It must not keep state from one call to the next, as it is given frames of several videos. It
    may have a `fingerprint`, a str that identifies weights, settings and device: detectors with the
    same fingerprint share cached boxes. If it is None or missing, boxes are not cached.

    Attributes:
        name: identifies the model in run records.
    """

    name: str

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        """Boxes of each frame (H, W, 3) uint8 RGB, in the frames' order, with any score."""
        ...


@runtime_checkable
class TextDetector(Detector, Protocol):
    """A detector of an open vocabulary: it finds what it is asked for in words."""

    def prompted(self, prompts: Sequence[str]) -> Detector:
        """A detector of these things alone; its fingerprint, if any, depends on them.

        Args:
            prompts: what to find, at least one, such as "dog"; they become the boxes' labels.

        Raises:
            DetectorError: the text cannot be encoded.
        """
        ...


def detect(chunks: Iterable[Sequence[Image]], detector: Detector) -> list[Boxes]:
    """Boxes of the frames of a video, with one chunk of frames in memory at a time.

    A chunk that does not fit into the detector's memory is halved, see `Ration`.

    Args:
        chunks: the frames, in order.
        detector: the model.

    Returns:
        `Boxes` of each frame, empty where nothing was detected.

    Raises:
        DetectorError: the detector did not return one `Boxes` per frame, or a box is not finite, or
            it failed.
    """
    detections: list[Boxes] = []
    ration = Ration.of(detector)
    for chunk in chunks:
        with blamed(DetectorError, f"Detector '{detector.name}'"):
            parts = ration.serve(partial(_checked, detector), chunk)
        detections += chain.from_iterable(parts)
    return detections


def _checked(detector: Detector, frames: Sequence[Image]) -> list[Boxes]:
    """What a detector finds, once it is known to be boxes of each frame."""
    boxes = detector.detect(frames)
    if not isinstance(boxes, Sequence):
        raise DetectorError(
            f"Detector '{detector.name}' returned a {type(boxes).__name__}; it must return a list "
            "with one Boxes per frame."
        )
    if len(boxes) != len(frames):
        raise DetectorError(
            f"Detector '{detector.name}' returned {len(boxes)} results for {len(frames)} frames; "
            "it must return one per frame, empty ones included."
        )
    for frame in boxes:
        _check(frame, detector)
    return list(boxes)


def _check(boxes: object, detector: Detector) -> None:
    """Checks what a detector found in a frame.

    Raises:
        DetectorError: it is not `Boxes`, or a number in it is not finite.
    """
    if not isinstance(boxes, Boxes):
        raise DetectorError(
            f"Detector '{detector.name}' returned a {type(boxes).__name__} for a frame; it must "
            "return fiftyone_e3m.boxes.Boxes."
        )
    try:
        n_bad = int((~np.isfinite(boxes.xyxy).all(axis=1) | ~np.isfinite(boxes.scores)).sum())
    except TypeError:  # arrays of objects
        n_bad = len(boxes)
    if n_bad:
        raise DetectorError(
            f"Detector '{detector.name}' returned {n_bad} of {len(boxes)} boxes of a frame with "
            "coordinates or scores that are not finite numbers. Check its weights and precision."
        )
