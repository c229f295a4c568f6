"""The data to hand over: a video and its tubes, in the units of annotation tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class HandedTube:
    """The tube of one object in one video.

    Attributes:
        sentence: what the tube answers.
        label: its class, or else the sentence.
        confidence: mean confidence of its boxes, 0..1; None if they have none.
        frames: (N,) 1-based frame numbers, ascending.
        xyxy: (N, 4) boxes in pixels.
        keyframes: (N,) whether each box is a keyframe.
        masks: run lengths of the mask of each box, see `masks.run_lengths`, None for a box without
            one; empty if the format holds no masks.
    """

    sentence: str
    label: str
    confidence: float | None
    frames: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    keyframes: NDArray[np.bool_]
    masks: Sequence[list[int] | None] = ()

    @property
    def xywh(self) -> NDArray[np.float64]:
        """(N, 4) boxes in pixels as top left corner, width and height."""
        return np.concatenate([self.xyxy[:, :2], self.xyxy[:, 2:] - self.xyxy[:, :2]], axis=1)


@dataclass(frozen=True)
class HandedVideo:
    """A video with its tubes.

    Attributes:
        name: name for its files, unique among the videos.
        filepath: path of the video file.
        width: in pixels.
        height: in pixels.
        frame_rate: frames per second.
        frame_count: number of frames.
        tubes: its tubes; files number them from 1 in this order.
    """

    name: str
    filepath: str
    width: int
    height: int
    frame_rate: float
    frame_count: int
    tubes: Sequence[HandedTube]


def numbered_sentences(videos: Sequence[HandedVideo]) -> dict[str, int]:
    """The distinct sentences in alphabetical order, numbered from 1."""
    return dict(zip(sorted({t.sentence for v in videos for t in v.tubes}), count(1)))
