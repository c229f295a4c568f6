"""When it happens: atomic events, the best of them, and its neighbours that belong to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config import E3MConfig
from .arrays import Float, steps, unit
from .clusters import kmeans

SINUSOIDAL_TERMS = 4


@dataclass(frozen=True)
class Event:
    """A stretch of sampled frames that look alike.

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


def find_events(v: Float, relevance: Float, fps: float, config: E3MConfig) -> list[Event]:
    """Splits a video into atomic events and selects those that the sentence means.

    Args:
        v: (T, D) denoised frame features of length 1.
        relevance: (T,) relevance of the frames, 0..1.
        fps: sampled frames per second.
        config: uses the parameters of events and the seed.

    Returns:
        All atomic events in time order; the selected ones are neighbours.
    """
    if config.events == "peak":
        peak = int(relevance.argmax())
        return [
            Event(a, b, float(relevance[a : b + 1].mean()), a <= peak <= b)
            for a, b in _peak(relevance, config.beta)
        ]
    return select(atomic_events(v, fps, config), relevance, config.beta)


def atomic_events(v: Float, fps: float, config: E3MConfig) -> list[tuple[int, int]]:
    """Runs of frames in the same K-means cluster of appearance and time.

    Runs shorter than `min_event` are merged, shortest first, into the neighbour that looks more
    alike; a flicker between two runs of one cluster thus joins them.

    Args:
        v: (T, D) frame features of length 1.
        fps: sampled frames per second.
        config: uses the parameters of events and the seed.

    Returns:
        First and last frame (inclusive) of each event; together they tile the video.
    """
    n = len(v)
    k = round(n / fps / config.seconds_per_event)
    k = min(n, max(config.min_events, min(k, config.max_events)))
    label = kmeans(np.column_stack([v, _time_embedding(n, config)]), k, config.seed)
    shortest = steps(config.min_event, fps)
    while True:
        starts = [0, *(np.flatnonzero(np.diff(label)) + 1).tolist()]
        runs = list(zip(starts, [*starts[1:], n], strict=True))
        lengths = [b - a for a, b in runs]
        i = int(np.argmin(lengths))
        if len(runs) == 1 or lengths[i] >= shortest:
            return [(a, b - 1) for a, b in runs]
        means = unit(np.array([v[a:b].mean(axis=0) for a, b in runs]))
        left = means[i] @ means[i - 1] if i > 0 else -np.inf
        right = means[i] @ means[i + 1] if i + 1 < len(runs) else -np.inf
        neighbour = i - 1 if left >= right else i + 1
        label[slice(*runs[i])] = label[runs[neighbour][0]]


def select(bounds: list[tuple[int, int]], relevance: Float, beta: float) -> list[Event]:
    """Takes the event of highest mean relevance and neighbours above `beta` times that.

    Extension goes left, then right, and stops at the first event that fails.

    Args:
        bounds: first and last frame of each event, in time order.
        relevance: (T,) relevance of the frames, 0..1.
        beta: 0..1; 1 keeps the best event alone.

    Example:
        >>> relevance = np.array([0., 0, 1, 1, .9, .9, .1])
        >>> for event in select([(0, 1), (2, 3), (4, 5), (6, 6)], relevance, beta=0.8):
        ...     print(event.first, event.last, event.selected)
        0 1 False
        2 3 True
        4 5 True
        6 6 False
    """
    mean = np.array([relevance[a : b + 1].mean() for a, b in bounds])
    low = high = int(mean.argmax())
    threshold = beta * mean[low]
    while low > 0 and mean[low - 1] > threshold:
        low -= 1
    while high + 1 < len(mean) and mean[high + 1] > threshold:
        high += 1
    return [
        Event(a, b, float(r), low <= j <= high)
        for j, ((a, b), r) in enumerate(zip(bounds, mean, strict=True))
    ]


def _peak(relevance: Float, beta: float) -> list[tuple[int, int]]:
    """The run of frames above `beta` times the peak around it, and what lies on both sides."""
    n = len(relevance)
    first = last = int(relevance.argmax())
    threshold = beta * relevance[first]
    while first > 0 and relevance[first - 1] > threshold:
        first -= 1
    while last + 1 < n and relevance[last + 1] > threshold:
        last += 1
    bounds = [(0, first - 1), (first, last), (last + 1, n - 1)]
    return [(a, b) for a, b in bounds if a <= b]


def _time_embedding(n: int, config: E3MConfig) -> Float:
    """(n, 1) position in the video, 0..1; or (n, 8) sines and cosines of it."""
    position = np.arange(n)[:, None] / max(1, n - 1)
    if config.time_embedding == "scalar":
        return config.time_weight * position
    angle = position * np.pi * 2.0 ** np.arange(SINUSOIDAL_TERMS)
    waves = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    return config.time_weight * waves / np.sqrt(SINUSOIDAL_TERMS)
