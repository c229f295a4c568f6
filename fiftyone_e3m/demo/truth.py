"""The sentences of the demo with what people see: object and time, in ``truth.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..boxes import corners
from ..dataset.labels import RelativeBox, relative_boxes
from ..video import Video


@dataclass(frozen=True, eq=False)
class DemoSentence:
    """A sentence with its true tube, annotated by hand.

    Attributes:
        text: the sentence.
        first: 1-based first frame of the event.
        last: last frame, inclusive.
        stretches: keyframes ``[frame, x, y, w, h]`` of each stretch in which the object is seen,
            boxes in pixels.
        shown: whether it is a sentence of the demo; the others were only tried.
    """

    text: str
    first: int
    last: int
    stretches: Sequence[Sequence[Sequence[float]]]
    shown: bool

    def boxes(self, video: Video) -> dict[int, RelativeBox]:
        """The true boxes by 1-based frame; between two keyframes they are interpolated."""
        boxes: dict[int, RelativeBox] = {}
        for stretch in self.stretches:
            at, *sides = np.array(stretch, float).T
            frames = np.arange(at[0], at[-1] + 1)
            xywh = np.stack([np.interp(frames, at, side) for side in sides], axis=1)
            relative = relative_boxes(corners(xywh), video).tolist()
            boxes |= zip(frames.astype(int).tolist(), relative, strict=True)
        return boxes


def read_truth() -> dict[str, tuple[DemoSentence, ...]]:
    """All annotated sentences of each video, by file name without suffix."""
    data = json.loads((Path(__file__).parent / "truth.json").read_text())
    return {
        video: tuple(sentence for entry in objects for sentence in _sentences(entry))
        for video, objects in data["videos"].items()
    }


def _sentences(entry: Mapping[str, Any]) -> list[DemoSentence]:
    """The sentences about one object."""
    tube = entry["first"], entry["last"], entry["boxes"]
    return [
        DemoSentence(text, *tube, shown=group == "shown")
        for group in ("shown", "others")
        for text in entry[group]
    ]
