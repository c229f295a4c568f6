"""When an event happens, if that is known; then only the object is left to find.

An exact window is the event: the algorithm is given nothing else of the video, so no frame outside
can affect the choice of the object. A window that is not exact is a prior: frames outside count for
less, and the algorithm finds the ends.

Not from the paper. Where the time comes from (people, a video language model) does not matter here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from .arrays import Floats
from .em import Grounding, find
from .evidence import Evidence, Query
from .linking import NO_PICK
from .sighting import Sighting

OUTSIDE = 0.1
"""Relevance outside a prior, as a share of what it would be inside. Larger shares were no better,
even with marks that are off by half of the event's length."""

Span = tuple[int, int]
"""First and last frame, 0-based and inclusive."""


@dataclass(frozen=True)
class Window:
    """When an event happens, in frames of the source video.

    Attributes:
        spans: one or more spans in which it happens. An exact window is one event, from the first
            start to the last end; a prior counts each span.
        exact: whether the event has exactly these ends.
        sighting: where the object is in one frame of it, if that is known.
    """

    spans: tuple[Span, ...]
    exact: bool = True
    sighting: Sighting | None = None

    @property
    def first(self) -> int:
        """The first frame of all spans."""
        return min(first for first, _ in self.spans)

    @property
    def last(self) -> int:
        """The last frame of all spans."""
        return max(last for _, last in self.spans)

    @property
    def ends(self) -> Span | None:
        """First and last frame of the event; None for a prior."""
        return (self.first, self.last) if self.exact else None

    def within(self, first: int, last: int) -> Window | None:
        """The window in a part of the video, its frames counted from the start of the part.

        Args:
            first: first frame of the part.
            last: its last frame, inclusive.

        Returns:
            None if the part shows nothing of the window.

        Example:
            >>> Window(((10, 19), (40, 49))).within(15, 45)
            Window(spans=((0, 4), (25, 30)), exact=True, sighting=None)
        """
        cut = ((max(a, first) - first, min(b, last) - first) for a, b in self.spans)
        spans = tuple((a, b) for a, b in cut if a <= b)
        seen = self.sighting and self.sighting.moved(first)
        return Window(spans, self.exact, seen) if spans else None

    def holds(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these frames (T,) lie in the window.

        Example:
            >>> Window(((3, 4), (7, 8)), exact=False).holds(np.array([2, 4, 6, 8])).tolist()
            [False, True, False, True]
            >>> Window(((3, 4), (7, 8))).holds(np.array([2, 4, 6, 8])).tolist()
            [False, True, True, True]
        """
        spans = [self.ends] if self.ends else self.spans
        return np.any([(frames >= a) & (frames <= b) for a, b in spans], axis=0)

    def rows(self, sampled: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which sampled frames (T,) stand for the window: those in it, or else the nearest one.

        Example:
            >>> Window(((3, 4),)).rows(np.array([0, 5, 10])).tolist()
            [False, True, False]
        """
        inside = self.holds(sampled)
        if not inside.any():
            distance = np.maximum(self.first - sampled, sampled - self.last)
            inside[distance.argmin()] = True
        return inside

    def prior(self, sampled: NDArray[np.int64]) -> Floats:
        """(T,) factor of the relevance of each sampled frame: 1 inside, `OUTSIDE` elsewhere."""
        return np.where(self.rows(sampled), 1.0, OUTSIDE)


def find_given(
    evidence: Evidence,
    queries: Sequence[Query],
    windows: Sequence[Window | None],
    sampled: NDArray[np.int64],
    config: E3MConfig,
    unrelated: Floats | None = None,
) -> list[Grounding]:
    """Grounds sentences like `find`, where the time of some is known.

    Args:
        evidence: the video.
        queries: Q sentences.
        windows: when the event of each sentence happens; None where that is to be found.
        sampled: (T,) 0-based source frame of each sampled frame, ascending.
        config: all parameters of the algorithm.
        unrelated: (R, D) features of unrelated sentences that `contrast` measures against.

    Returns:
        One grounding per sentence. That of an exact window has no pick, relevance or atomic event
        outside of it.

    Raises:
        ValueError: `contrast` is on and there are no unrelated sentences.
    """
    found: dict[int, Grounding] = {}
    free: dict[int, Query] = {}
    for i, (query, window) in enumerate(zip(queries, windows, strict=True)):
        if window is None:
            free[i] = query
        elif window.exact:
            first, last = np.flatnonzero(window.rows(sampled))[[0, -1]].tolist()
            part = _part(evidence, first, last)
            if window.sighting:
                track = window.sighting.track(part.tracks, sampled[first : last + 1])
                query = replace(query, track=track)
            (grounding,) = find(part, [query], config, unrelated)
            found[i] = _in_whole(grounding, first, last, len(sampled))
        else:
            free[i] = replace(query, prior=window.prior(sampled))
    if free:
        groundings = find(evidence, list(free.values()), config, unrelated)
        found |= dict(zip(free, groundings, strict=True))
    return [found[i] for i in range(len(queries))]


def _part(evidence: Evidence, first: int, last: int) -> Evidence:
    """The sampled frames `first` to `last`; tracks keep their numbers, even if now empty."""
    tracks, frames = evidence.tracks, slice(first, last + 1)
    time = tracks.regions[:, 1]
    rows = (time >= first) & (time <= last)
    return replace(
        evidence,
        tracks=replace(
            tracks,
            box=tracks.box[:, frames],
            kind=tracks.kind[:, frames],
            score=tracks.score[:, frames],
        ),
        regions=evidence.regions[rows],
        frames=evidence.frames[frames],
        denoised=evidence.denoised[rows],
        colours=evidence.colours[rows],
        shot=evidence.shot[frames] - evidence.shot[first],
    )


def _in_whole(grounding: Grounding, first: int, last: int, n: int) -> Grounding:
    """The grounding of the sampled frames `first` to `last` of `n`: they are its event."""

    def spread(values: NDArray, fill: float) -> NDArray:
        whole = np.full((*values.shape[:-1], n), fill, values.dtype)
        whole[..., first : last + 1] = values
        return whole

    warnings = []
    if (grounding.picks == NO_PICK).all():
        warnings.append("No usable box is in the given time of an event, so it has no tube.")
    return replace(
        grounding,
        first=first,
        last=last,
        picks=spread(grounding.picks, NO_PICK),
        relevance=spread(grounding.relevance, 0),
        gamma=spread(grounding.gamma, np.nan),
        scores=spread(grounding.scores, np.nan),
        certainty=spread(grounding.certainty, 0),
        events=tuple(
            replace(e, first=e.first + first, last=e.last + first, selected=True)
            for e in grounding.events
        ),
        prototypes=tuple(replace(p, frame=p.frame + first) for p in grounding.prototypes),
        warnings=tuple(warnings),
    )
