"""Our addition `link="object"`: in each shot one object, as a chain of tracks that may be its own.

A path through the best boxes of each frame jumps from one object to another. Here an object is
judged as a whole: by the mean of its evidence, and by how much of the relevant time it is seen. At
few frames per second a fast object breaks into several tracks, so tracks are joined where the
sentence fits the chain better than the track alone. The source's own tracks are objects already.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..boxes import area, enlarge
from .arrays import Floats
from .linking import NO_PICK
from .tracks import EXTRAPOLATED, NONE, Tracks

GAP, OVERLAP = 2.0, 1.0
"""Longest time in seconds between the end of a track and the start of the next, and that both may
be seen: where an object is found twice, one of the tracks soon ends."""
GROWTH, GROWTH_PER_SECOND = 0.3, 0.3
"""How far an object may have moved, as a share of its box, at once and with every second unseen."""
INSIDE, INSIDE_OTHER_CLASS = 0.3, 0.8
"""Least share of the smaller box that lies in the other, for tracks of the same and of different
classes. At the frame's edge an object is seen in part, and then lies in its later box."""
STEPS = 3
"""Steps before the end of a track from which its velocity is taken."""
STARTS = 5
"""Best tracks of a shot from which chains are grown."""
SLACK = 0.5
"""Standard deviations that a chain may lose by a track that continues it."""


@dataclass(frozen=True, eq=False)
class Objects:
    """Which tracks may be the same object, whatever the sentence.

    Attributes:
        shot: (K,) shot of each track, -1 for a track without candidates.
        follows: (K, K) whether the second track may continue the first.
    """

    shot: NDArray[np.int64]
    follows: NDArray[np.bool_]

    @classmethod
    def of(cls, tracks: Tracks, shot: NDArray[np.int64], fps: float) -> Objects:
        """Finds the tracks that may continue each other.

        Args:
            tracks: K tracks over T sampled frames.
            shot: (T,) shot number of each frame.
            fps: sampled frames per second.
        """
        seen = (tracks.kind != NONE) & (tracks.kind != EXTRAPOLATED)
        alive, n = seen.any(axis=1), seen.shape[1]
        first, last = seen.argmax(axis=1), n - 1 - seen[:, ::-1].argmax(axis=1)
        where = np.where(alive, shot[first], -1)
        gap = first[None, :] - last[:, None]
        near = (gap <= GAP * fps + 1) & (gap >= -OVERLAP * fps)
        near &= ~(tracks.named | tracks.named[:, None])
        later = (first[:, None] < first[None, :]) & (last[:, None] < last[None, :])
        follows = near & later & (where[:, None] == where[None, :]) & alive & alive[:, None]
        for i, j in np.argwhere(follows):
            inside = _inside(tracks, seen[i], i, j, last[i], first[j], fps)
            same = tracks.label[i] == tracks.label[j]
            follows[i, j] = inside >= (INSIDE if same else INSIDE_OTHER_CLASS)
        return cls(where, follows)


@dataclass(frozen=True, eq=False)
class Merit:
    """How much speaks for an object.

    Attributes:
        evidence: (K,) evidence of each track, in standard deviations, summed over its frames.
        time: (K,) relevant time in which the track is seen: the weights of that sum.
        duration_weight: weight of the logarithm of this time.
    """

    evidence: Floats
    time: Floats
    duration_weight: float

    @classmethod
    def of(
        cls, appeal: Floats, weight: Floats, track: NDArray[np.int64], n: int, duration: float
    ) -> Merit:
        """Sums up the evidence of `n` tracks.

        Args:
            appeal: (N,) evidence of each candidate, in standard deviations.
            weight: (N,) weight of its frame, above 0.
            track: (N,) its track.
            n: number of tracks.
            duration: weight of the logarithm of the relevant time.
        """
        evidence, time = np.zeros((2, n))
        np.add.at(evidence, track, weight * appeal)
        np.add.at(time, track, weight)
        return cls(evidence, time, duration)

    def __call__(self, tracks: Collection[int]) -> float:
        """Of an object that consists of these tracks: mean evidence, and duration."""
        rows = list(tracks)
        seen = self.time[rows].sum()
        return float(self.evidence[rows].sum() / seen + self.duration_weight * np.log(seen))

    def lead(self, tracks: Collection[int]) -> float:
        """How far an object is ahead of all tracks that are not its own; infinite without any."""
        rivals = np.flatnonzero(self.time > 0)
        rivals = rivals[~np.isin(rivals, list(tracks))]
        return self(tracks) - max((self([int(k)]) for k in rivals), default=-np.inf)


def link_objects(
    objects: Objects,
    merit: Merit,
    track: NDArray[np.int64],
    frame: NDArray[np.int64],
    n_frames: int,
    fixed: int | None = None,
) -> NDArray[np.int64]:
    """Picks the object of the highest merit in each shot.

    Args:
        objects: which tracks may be the same object.
        merit: how much speaks for each.
        track: (N,) track of each candidate.
        frame: (N,) its sampled frame, ascending.
        n_frames: T.
        fixed: a track that must be picked in every frame that shows it.

    Returns:
        (T,) the picked track, `NO_PICK` where the object of the shot is not seen.
    """
    picks = np.full(n_frames, NO_PICK)
    for shot in np.unique(objects.shot[objects.shot >= 0]):
        tracks = np.flatnonzero(objects.shot == shot).tolist()
        alone = sorted(([k] for k in tracks), key=merit, reverse=True)
        starts = alone[:STARTS] if fixed is None or fixed not in tracks else [[fixed]]
        chains = [_grow(chain, objects.follows, merit) for chain in starts]
        for k in max(chains, key=merit):
            picks[frame[track == k]] = k
    if fixed is not None:  # a track that continues it may already be seen
        picks[frame[track == fixed]] = fixed
    return picks


def _grow(chain: list[int], follows: NDArray[np.bool_], merit: Merit) -> list[int]:
    """A chain with tracks added at both ends, best first, for as long as the score allows."""
    while True:
        before = [[int(k), *chain] for k in np.flatnonzero(follows[:, chain[0]])]
        after = [[*chain, int(k)] for k in np.flatnonzero(follows[chain[-1]])]
        if not before + after:
            return chain
        longer = max(before + after, key=merit)
        if merit(longer) < merit(chain) - SLACK:
            return chain
        chain = longer


def _inside(
    tracks: Tracks,
    seen: NDArray[np.bool_],
    i: int,
    j: int,
    last: int,
    first: int,
    fps: float,
) -> float:
    """Share of the smaller of two boxes in the other, where track `j` continues track `i`."""
    gap = max(0, first - last)
    start = tracks.box[i, min(last, first)].astype(float)
    if not seen[min(last, first)]:
        return 0.0
    recent = np.flatnonzero(seen[: last + 1])[-STEPS - 1 :]
    moved = tracks.box[i, recent[-1]] - tracks.box[i, recent[0]].astype(float)
    velocity = np.tile(moved.reshape(2, 2).mean(axis=0), 2) / max(1, recent[-1] - recent[0])
    by = GROWTH + GROWTH_PER_SECOND * gap / fps
    goal = enlarge(tracks.box[j, first].astype(float), by)
    return max(_share(enlarge(box, by), goal) for box in (start, start + gap * velocity))


def _share(a: Floats, b: Floats) -> float:
    both = area(np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])]))
    smaller = np.minimum(area(a), area(b))
    return float(both / np.maximum(1e-6, smaller))
