"""Expectation-maximisation: *which object* given when (M-step), *when* given the object (E-step).

Latent variable: the relevance gamma of each sampled frame to the sentence. The M-step calibrates
the text by visual prototypes and links candidates to one object; the E-step looks at frames
denoised around that object and finds the event.

These are the paper's steps, one after another. Our own, `additions` and `borders`, enter at three
places and are zero or switched off in the preset ``paper``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from . import additions
from .arrays import Floats
from .borders import refine, trim_partial
from .confidence import certainty
from .contrast import Measured
from .events import Event, atomic_events, find_events
from .evidence import Evidence, Query
from .identity import Merit, link_objects
from .linking import link
from .search import Choice, Prepared, Search
from .text_prototypes import Prototype, calibrate, exemplarity, select
from .threads import one_thread

FLOOR = 0.1
"""Weight of the scores in a frame whose relevance is 0."""


@dataclass(frozen=True, eq=False)
class Grounding:
    """Where and when a sentence's event happens, over the T sampled frames, with the evidence.

    Attributes:
        first: first sampled frame of the event, 0-based.
        last: last sampled frame of the event, inclusive.
        picks: (T,) picked track in each frame, -1 for none.
        relevance: (T,) gamma scaled to 0..1, see `Search.relevance`.
        gamma: (T,) raw gamma: fit of the text to the denoised frame, plus to the whole frame, plus
            the picked object's term, see `additions.pick_term`.
        scores: (K, T) fit of the text to each candidate: standard deviations above unrelated
            sentences, or, without contrast, the cosine; NaN where there is no candidate.
        certainty: (T,) how certain the frame's box is, 0..1, see `confidence`.
        events: all atomic events; the answer spans the selected ones, with refined ends.
        prototypes: regions that stand for the sentence.
        iterations: number of EM iterations.
        converged: whether picks and event repeated.
        warnings: sentences about anything unusual.
    """

    first: int
    last: int
    picks: NDArray[np.int64]
    relevance: Floats
    gamma: Floats
    scores: Floats
    certainty: Floats
    events: tuple[Event, ...]
    prototypes: tuple[Prototype, ...]
    iterations: int
    converged: bool
    warnings: tuple[str, ...] = field(default=())

    @property
    def confidence(self) -> float:
        """Mean certainty over the event, 0..1, before any calibration; not from the paper."""
        return float(self.certainty[self.first : self.last + 1].mean())

    def __repr__(self) -> str:
        return (
            f"Grounding(frames {self.first}..{self.last} of {len(self.picks)}, "
            f"{(self.picks >= 0).sum()} picks, confidence {self.confidence:.2f})"
        )


@dataclass(frozen=True, eq=False)
class _Time:
    """Result of an E-step: gamma and relevance (T,); events and their span."""

    gamma: Floats
    relevance: Floats
    events: tuple[Event, ...]
    segment: tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Look:
    """Frames denoised around the picks: features (T, D) and the bounds of atomic events."""

    picks: NDArray[np.int64]
    denoised: Measured
    bounds: list[tuple[int, int]]


def find(
    evidence: Evidence,
    queries: Sequence[Query],
    config: E3MConfig,
    unrelated: Floats | None = None,
) -> list[Grounding]:
    """Grounds sentences in one video; work that does not depend on the sentence is done once.

    Args:
        evidence: the video.
        queries: the sentences.
        config: all parameters of the algorithm.
        unrelated: (R, D) features of unrelated sentences that `contrast` measures against.

    Returns:
        One grounding per sentence.

    Raises:
        ValueError: `contrast` is on and there are no unrelated sentences.
    """
    with one_thread():
        video = Prepared.of(evidence, config, unrelated)
        return [_find_one(Search.of(video, query)) for query in queries]


def _find_one(search: Search) -> Grounding:
    video, config = search.video, search.video.config
    # the frame term of gamma needs no spatial result, so the loop starts from it
    relevance = search.relevance(video.frames.fit(search.query.text))
    previous: tuple[tuple[int, int], bytes] | None = None
    look: _Look | None = None
    iteration, converged = 0, False
    while iteration < config.n_iter and not converged:
        iteration += 1
        choice, prototypes = _m_step(search, relevance)
        if look is None or not np.array_equal(choice.picks, look.picks):
            look = _look(video, choice.picks)
        time = _e_step(search, choice, look)
        relevance = time.relevance
        state = (time.segment, choice.picks.tobytes())
        converged, previous = state == previous, state
    scores = np.full(video.evidence.tracks.kind.shape, np.nan, np.float32)
    scores[video.track, video.frame] = choice.score
    return Grounding(
        first=time.segment[0],
        last=time.segment[1],
        picks=choice.picks,
        relevance=relevance,
        gamma=time.gamma,
        scores=scores,
        certainty=certainty(search, choice, time.segment, relevance),
        events=time.events,
        prototypes=prototypes,
        iterations=iteration,
        converged=converged,
        warnings=tuple(_warnings(video.evidence, time)),
    )


def _m_step(search: Search, relevance: Floats) -> tuple[Choice, tuple[Prototype, ...]]:
    """Which object: calibrates the text by prototypes, scores the candidates, links them."""
    video = search.video
    text, prototypes = _calibrated(search, relevance)
    score = video.candidates.fit(text)
    appeal = additions.appeal(search, score)
    weight, n_frames = FLOOR + relevance[video.frame], len(relevance)
    n_tracks, duration = len(video.evidence.tracks), video.config.duration_weight
    merit = Merit.of(appeal, weight, video.track, n_tracks, duration)
    if video.objects:
        picks = link_objects(
            video.objects, merit, video.track, video.frame, n_frames, search.query.track
        )
    else:
        unary = weight * (appeal - appeal.mean() if len(appeal) else appeal)
        picks = link(
            *(unary, video.track, video.frame, n_frames, video.likeness, video.config),
            search.query.track,
        )
    chosen = np.flatnonzero(picks[video.frame] == video.track)
    return Choice(text, picks, chosen, score, appeal, merit), prototypes


def _calibrated(search: Search, relevance: Floats) -> tuple[Floats, tuple[Prototype, ...]]:
    """Prototype-based text modulation: the calibrated text (D,) and its prototypes."""
    video, config, text = search.video, search.video.config, search.query.text
    x, track, frame = video.candidates.x, video.track, video.frame
    if not config.prototypes or len(x) == 0:
        return text, ()
    likeness = additions.appeal(search, video.candidates.fit(text))
    fit = exemplarity(likeness, frame, relevance)
    rows = select(x, frame, fit, len(relevance), config)
    calibrated, weight = calibrate(text, x[rows], fit[rows], config.alpha)
    return calibrated, tuple(
        Prototype(int(frame[i]), int(track[i]), tuple(video.box[i].tolist()), float(w))
        for i, w in zip(rows, weight, strict=True)
    )


def _look(video: Prepared, picks: NDArray[np.int64]) -> _Look:
    """Input of the E-step; it depends on the picks alone and is reused while they stay the same."""
    evidence, config = video.evidence, video.config
    denoised = video.modulated(evidence.around(picks))
    bounds = []
    if config.events == "kmeans":
        bounds = atomic_events(denoised, evidence.shot, evidence.fps, config)
    return _Look(picks, Measured(denoised, video.unrelated), bounds)


def _e_step(search: Search, choice: Choice, look: _Look) -> _Time:
    """When: computes gamma of the frames denoised around the picks, then the event."""
    evidence, config = search.video.evidence, search.video.config
    frame_fit = look.denoised.fit(choice.text) + search.video.frames.fit(choice.text)
    gamma = frame_fit + additions.pick_term(search, choice, frame_fit)
    relevance = search.relevance(gamma)
    events = find_events(look.bounds, relevance, evidence.shot, evidence.fps, config)
    selected = [event for event in events if event.selected]
    segment = selected[0].first, selected[-1].last
    if config.contrast:  # only then has the relevance a zero for its threshold to be a share of
        segment = refine(*segment, relevance, evidence.shot, config.beta)
    if config.trim_partial:
        segment = trim_partial(*segment, choice.picks, evidence.tracks, evidence.size)
    return _Time(gamma, relevance, tuple(events), segment)


def _warnings(evidence: Evidence, time: _Time) -> list[str]:
    warnings = []
    if len(evidence.candidates) == 0:
        warnings.append(
            "There is no object to choose from, so only the time of the event is known."
        )
    if len(time.gamma) == 1:
        warnings.append("Only a single frame of the video was sampled, so the event is that frame.")
    elif np.ptp(time.gamma) < 1e-6:
        warnings.append("All frames fit the sentence equally well, so the event is arbitrary.")
    return warnings
