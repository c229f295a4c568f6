"""When it happens: atomic events, the best of them, and the neighbours that belong to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from .arrays import Floats, steps, unit
from .clusters import kmeans


@dataclass(frozen=True)
class Event:
    """A run of sampled frames that look alike.

    Attributes:
        first: first sampled frame, 0-based.
        last: last sampled frame, inclusive.
        relevance: mean relevance of its frames, 0..1.
        selected: whether it is part of the answer.
    """

    first: int
    last: int
    relevance: float
    selected: bool


def find_events(
    bounds: list[tuple[int, int]],
    relevance: Floats,
    shot: NDArray[np.int64],
    fps: float,
    config: E3MConfig,
) -> list[Event]:
    """Selects the atomic events that the sentence means.

    Args:
        bounds: first and last frame of each atomic event, see `atomic_events`.
        relevance: (T,) relevance of the frames, 0..1.
        shot: (T,) shot number of each frame; no event crosses a cut.
        fps: sampled frames per second.
        config: uses the event parameters and the seed.

    Returns:
        All atomic events in time order; the selected ones are neighbours.
    """
    if config.events == "peak":
        peak = int(relevance.argmax())
        return [
            Event(a, b, float(relevance[a : b + 1].mean()), a <= peak <= b)
            for a, b in _peak(relevance, shot, config.beta)
        ]
    return select(bounds, relevance, shot, config.beta, steps(config.min_event, fps))


def atomic_events(
    v: Floats, shot: NDArray[np.int64], fps: float, config: E3MConfig
) -> list[tuple[int, int]]:
    """Runs of frames in the same K-means cluster of appearance and time.

    Runs shorter than `min_event` are merged, shortest first, into the more similar neighbour; so a
    flicker between two runs of one cluster joins them.

    Args:
        v: (T, D) frame features of length 1.
        shot: (T,) shot number of each frame.
        fps: sampled frames per second.
        config: uses the event parameters and the seed.

    Returns:
        First and last frame (inclusive) of each event; together they tile the video.
    """
    n = len(v)
    k = round(n / fps / config.seconds_per_event)
    k = max(config.min_events, min(k, config.max_events))
    k = min(n, k + len(np.unique(shot)) - 1)  # cuts use up clusters
    time = config.time_weight * np.arange(n) / max(1, n - 1)
    label = kmeans(np.column_stack([v, time]), k, config.seed)
    shortest = steps(config.min_event, fps)
    ends = np.flatnonzero(np.diff(shot, append=shot[-1] + 1)) + 1
    bounds: list[tuple[int, int]] = []
    for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        runs = _runs(v[start:end], label[start:end], shortest)
        bounds += [(start + a, start + b) for a, b in runs]
    return bounds


def _runs(v: Floats, label: NDArray[np.int64], shortest: int) -> list[tuple[int, int]]:
    """First and last frame of each run of equal labels (T,), with short runs merged, see above."""
    label = label.copy()
    while True:
        starts = [0, *(np.flatnonzero(np.diff(label)) + 1).tolist()]
        runs = list(zip(starts, [*starts[1:], len(v)], strict=True))
        lengths = [b - a for a, b in runs]
        i = int(np.argmin(lengths))
        if len(runs) == 1 or lengths[i] >= shortest:
            return [(a, b - 1) for a, b in runs]
        means = unit(np.array([v[a:b].mean(axis=0) for a, b in runs]))
        left = means[i] @ means[i - 1] if i > 0 else -np.inf
        right = means[i] @ means[i + 1] if i + 1 < len(runs) else -np.inf
        neighbour = i - 1 if left >= right else i + 1
        label[slice(*runs[i])] = label[runs[neighbour][0]]


def select(
    bounds: list[tuple[int, int]],
    relevance: Floats,
    shot: NDArray[np.int64],
    beta: float,
    shortest: int = 1,
) -> list[Event]:
    """Selects the event of highest mean relevance, and neighbours above `beta` times that.

    Extension goes left, then right, and stops at a cut or at the first event that fails.

    Args:
        bounds: first and last frame of each event, in time order.
        relevance: (T,) relevance of the frames, 0..1.
        shot: (T,) shot number of each frame.
        beta: 0..1; 1 selects the best event alone.
        shortest: fewest frames of the best event; ignored if no event has as many, as shots may be
            shorter.

    Example:
        >>> relevance = np.array([0., 0, 1, 1, .9, .9, .1])
        >>> bounds = [(0, 1), (2, 3), (4, 5), (6, 6)]
        >>> for event in select(bounds, relevance, np.zeros(7, int), beta=0.8):
        ...     print(event.first, event.last, event.selected)
        0 1 False
        2 3 True
        4 5 True
        6 6 False
    """
    mean = np.array([relevance[a : b + 1].mean() for a, b in bounds])
    long = np.array([b - a + 1 >= shortest for a, b in bounds])
    low = high = int(np.where(long | ~long.any(), mean, -np.inf).argmax())
    threshold = beta * mean[low]
    place = [shot[a] for a, _ in bounds]
    while low > 0 and mean[low - 1] > threshold and place[low - 1] == place[low]:
        low -= 1
    while high + 1 < len(mean) and mean[high + 1] > threshold and place[high + 1] == place[high]:
        high += 1
    return [
        Event(a, b, float(r), low <= j <= high)
        for j, ((a, b), r) in enumerate(zip(bounds, mean, strict=True))
    ]


def _peak(relevance: Floats, shot: NDArray[np.int64], beta: float) -> list[tuple[int, int]]:
    """The run of frames around the peak above `beta` times it, and the rest, divided at cuts."""
    peak, n = int(relevance.argmax()), len(relevance)
    outside = np.flatnonzero((relevance <= beta * relevance[peak]) | (shot != shot[peak]))
    outside = outside[outside != peak]
    first = int(outside[outside < peak].max(initial=-1)) + 1
    last = int(outside[outside > peak].min(initial=n)) - 1
    cuts = np.flatnonzero(np.diff(shot)) + 1
    starts = sorted({0, first, last + 1, *cuts.tolist()} - {n})
    return [(a, b - 1) for a, b in zip(starts, [*starts[1:], n], strict=True)]
