"""From scores of candidates to one object: which track is picked in each frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..boxes import iou_matrix
from ..config import E3MConfig
from .arrays import Floats

NO_PICK = -1


def link(
    score: Floats,
    track: NDArray[np.int64],
    frame: NDArray[np.int64],
    n_frames: int,
    likeness: Sequence[Floats],
    config: E3MConfig,
    fixed: int | None = None,
) -> NDArray[np.int64]:
    """Picks at most one candidate per frame.

    Args:
        score: (N,) score of each candidate.
        track: (N,) its track.
        frame: (N,) its sampled frame, ascending.
        n_frames: T.
        likeness: likeness of candidates in consecutive frames, see `likenesses`.
        config: `link` selects the method: "viterbi" maximises the sum of the scores plus
            `link_weight` times the likeness along the path; "argmax" omits the second term.
        fixed: a track that must be picked in every frame that shows it.

    Returns:
        (T,) the picked track, `NO_PICK` where there is no candidate.
    """
    picks = np.full(n_frames, NO_PICK)
    if len(score) == 0:
        return picks
    score, weight = (
        score.astype(np.float64),
        config.link_weight if config.link == "viterbi" else 0.0,
    )
    if fixed is not None:
        score[np.isin(frame, frame[track == fixed]) & (track != fixed)] = -np.inf
    rows = _best_path(score, frame, likeness, weight)
    picks[frame[rows]] = track[rows]
    return picks


def likenesses(
    track: NDArray[np.int64], frame: NDArray[np.int64], box: Floats, shot: NDArray[np.int64]
) -> list[Floats]:
    """How likely candidates of consecutive frames are the same object, whatever the sentence.

    Args:
        track: (N,) track of each candidate.
        frame: (N,) its sampled frame, ascending.
        box: (N, 4) its box, xyxy.
        shot: (T,) shot number of each sampled frame.

    Returns:
        For each pair of consecutive frames that have candidates, (n, m): 1 on the same track, else
        the IoU; 0 across a cut.
    """
    steps = []
    for before, after in pairwise(_by_frame(frame)):
        if shot[frame[before[0]]] == shot[frame[after[0]]]:
            same = track[before][:, None] == track[after][None, :]
            steps.append(np.where(same, 1.0, iou_matrix(box[before], box[after])))
        else:
            steps.append(np.zeros((len(before), len(after)), box.dtype))
    return steps


def _by_frame(frame: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows of each frame that has candidates."""
    return np.split(np.arange(len(frame)), np.flatnonzero(np.diff(frame)) + 1)


def _best_path(
    score: Floats, frame: NDArray[np.int64], likeness: Sequence[Floats], weight: float
) -> NDArray[np.int64]:
    """The Viterbi path over the frames that have candidates: one row per such frame."""
    groups = _by_frame(frame)
    best = score[groups[0]]
    came_from: list[NDArray[np.int64]] = []
    for current, alike in zip(groups[1:], likeness, strict=True):
        total = best[:, None] + weight * alike
        came_from.append(total.argmax(axis=0))
        best = total.max(axis=0) + score[current]
    step = int(best.argmax())
    path = [groups[-1][step]]
    for group, back in zip(groups[-2::-1], came_from[::-1], strict=True):
        step = int(back[step])
        path.append(group[step])
    return np.array(path[::-1])
