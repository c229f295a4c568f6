"""Where the object of a sentence is in one frame, if a person says so; not from the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes, iou_matrix
from .tracks import DETECTED, Tracks

SAME_BOX = 0.5
"""IoU from which a candidate is the object that was pointed at, and takes the given box."""


@dataclass(frozen=True)
class Sighting:
    """The object of a sentence in one frame.

    Attributes:
        frame: 0-based frame of the source video.
        xyxy: its box in pixels.
    """

    frame: int
    xyxy: tuple[float, float, float, float]

    def moved(self, first: int) -> Sighting:
        """The sighting in a part of the video, its frame counted from the start of the part."""
        return replace(self, frame=self.frame - first)

    def among(self, candidates: Boxes) -> Boxes:
        """The candidates of its frame with the given box among them, at the highest score.

        Example:
            >>> seen = Sighting(3, (0, 0, 10, 10))
            >>> seen.among(Boxes.of([[0, 0, 10, 9], [50, 0, 60, 10]], [0.4, 0.9], ["dog", "cat"]))
            Boxes(2: cat, dog)
            >>> seen.among(Boxes.none()).xyxy.tolist()
            [[0.0, 0.0, 10.0, 10.0]]
        """
        box = np.array([self.xyxy], np.float32)
        iou = iou_matrix(box, candidates.xyxy)[0]
        xyxy, scores = candidates.xyxy.copy(), candidates.scores.copy()
        if len(iou) and iou.max() >= SAME_BOX:
            xyxy[iou.argmax()], scores[iou.argmax()] = box, 1
            return replace(candidates, xyxy=xyxy, scores=scores)
        return replace(
            candidates,
            xyxy=np.concatenate([xyxy, box]),
            scores=np.concatenate([scores, np.ones(1, np.float32)]),
            labels=(*candidates.labels, ""),
            tracks=(*candidates.tracks, "") if candidates.tracks else (),
        )

    def track(self, tracks: Tracks, sampled: NDArray[np.int64]) -> int | None:
        """The track that is seen there; None if the frame is not sampled or does not show it.

        Args:
            tracks: tracks over T sampled frames.
            sampled: (T,) 0-based source frame of each sampled frame, ascending.
        """
        at = np.flatnonzero(sampled == self.frame)
        if not len(at):
            return None
        seen = np.flatnonzero(tracks.kind[:, at[0]] == DETECTED)
        if not len(seen):
            return None
        iou = iou_matrix(np.array([self.xyxy], np.float32), tracks.box[seen, at[0]])[0]
        return int(seen[iou.argmax()]) if iou.max() >= SAME_BOX else None
