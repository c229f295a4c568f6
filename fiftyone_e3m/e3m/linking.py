"""From scores of candidates to one object: which track is picked in each frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..boxes import iou_matrix
from ..config import E3MConfig
from .arrays import Float

NO_PICK = -1


def link(
    score: Float,
    track: NDArray[np.int64],
    frame: NDArray[np.int64],
    box: Float,
    shot: NDArray[np.int64],
    config: E3MConfig,
) -> NDArray[np.int64]:
    """Picks at most one candidate per frame.

    Args:
        score: (N,) score of each candidate.
        track: (N,) its track.
        frame: (N,) its sampled frame, ascending.
        box: (N, 4) its box, xyxy.
        shot: (T,) number of the shot of each sampled frame.
        config: `link` chooses the method: "viterbi" maximises the scores' sum plus `link_weight`
            times (1 on the same track, else the IoU) between consecutive frames of a shot with
            candidates; "argmax" is the same without the second term; "track" takes the one track
            whose scores sum highest.

    Returns:
        (T,) the picked track, `NO_PICK` where there is no candidate (or, with "track", where the
        best track has none).
    """
    picks = np.full(len(shot), NO_PICK)
    if len(score) == 0:
        return picks
    if config.link == "track":
        best = np.bincount(track, weights=score, minlength=1)
        best[np.setdiff1d(np.arange(len(best)), track)] = -np.inf
        mine = frame[track == best.argmax()]
        picks[mine] = best.argmax()
        return picks
    weight = config.link_weight if config.link == "viterbi" else 0.0
    rows = _best_path(score.astype(np.float64), track, shot[frame], frame, box, weight)
    picks[frame[rows]] = track[rows]
    return picks


def _best_path(
    score: Float,
    track: NDArray[np.int64],
    shot: NDArray[np.int64],
    frame: NDArray[np.int64],
    box: Float,
    weight: float,
) -> NDArray[np.int64]:
    """Viterbi over the frames that have candidates: one row per such frame."""
    groups = np.split(np.arange(len(frame)), np.flatnonzero(np.diff(frame)) + 1)
    best = score[groups[0]]
    came_from: list[NDArray[np.int64]] = []
    for previous, current in pairwise(groups):
        same = track[previous][:, None] == track[current][None, :]
        likeness = np.where(same, 1.0, iou_matrix(box[previous], box[current]))
        reward = weight if shot[previous[0]] == shot[current[0]] else 0.0
        total = best[:, None] + reward * likeness
        came_from.append(total.argmax(axis=0))
        best = total.max(axis=0) + score[current]
    step = int(best.argmax())
    path = [groups[-1][step]]
    for group, back in zip(groups[-2::-1], came_from[::-1], strict=True):
        step = int(back[step])
        path.append(group[step])
    return np.array(path[::-1])
