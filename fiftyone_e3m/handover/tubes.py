"""What is handed over: a video and its tubes, in the units of annotation tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class HandedTube:
    """One object of one video.

    Attributes:
        sentence: its label.
        frames: (N,) 1-based frame numbers, ascending.
        xyxy: (N, 4) boxes in pixels.
        keyframes: (N,) which of them are keyframes.
    """

    sentence: str
    frames: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    keyframes: NDArray[np.bool_]

    @property
    def xywh(self) -> NDArray[np.float64]:
        """(N, 4) boxes in pixels as top left corner, width and height."""
        return np.concatenate([self.xyxy[:, :2], self.xyxy[:, 2:] - self.xyxy[:, :2]], axis=1)


@dataclass(frozen=True)
class HandedVideo:
    """A video with its tubes.

    Attributes:
        name: names its files; differs from that of every other video.
        filepath: the file.
        width: in pixels.
        height: in pixels.
        frame_rate: frames per second.
        frame_count: number of frames.
        tubes: its objects; a file numbers them from 1 in this order.
    """

    name: str
    filepath: str
    width: int
    height: int
    frame_rate: float
    frame_count: int
    tubes: Sequence[HandedTube]


def numbered_sentences(videos: Sequence[HandedVideo]) -> dict[str, int]:
    """Every sentence once, in alphabetical order, with its number from 1."""
    return dict(zip(sorted({t.sentence for v in videos for t in v.tubes}), count(1)))
