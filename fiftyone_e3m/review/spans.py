"""Where else a sentence may happen: in A-B-A, the answer is one of the two, and this the other."""

from __future__ import annotations

import numpy as np

from ..dataset.labels import Span
from .timelines import Timeline

AS_RELEVANT = 0.8
"""Share of the event's mean relevance that another span must reach, as `beta` of the paper."""
SHORTEST = 0.5
"""Shortest span in seconds, as `E3MConfig.min_event`."""


def other_span(timeline: Timeline) -> Span | None:
    """The most relevant span apart from the event in which the sentence fits about as well.

    Args:
        timeline: the sentence.

    Returns:
        First and last frame; None if there is no such span.
    """
    first, last = timeline.event
    frames, relevance = timeline.frames, timeline.relevance
    inside = (frames >= first) & (frames <= last)
    if not inside.any() or not relevance[inside].any():
        return None
    fits = relevance >= AS_RELEVANT * relevance[inside].mean()
    ends = np.flatnonzero(np.diff(frames) > 1) + 1
    ends = np.union1d(ends, np.flatnonzero(np.diff(fits)) + 1)
    runs = [run for run in np.split(np.arange(len(frames)), ends) if fits[run[0]]]
    apart = [
        run
        for run in runs
        if len(run) >= SHORTEST * timeline.frame_rate and not inside[run].any()
        if frames[run[-1]] < first - 1 or frames[run[0]] > last + 1
    ]
    best = max(apart, key=lambda run: float(relevance[run].mean()), default=None)
    return None if best is None else (int(frames[best[0]]), int(frames[best[-1]]))
