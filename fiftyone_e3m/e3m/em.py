"""Expectation-maximisation: *which object* given when (M-step), *when* given the object (E-step).

Latent variable: the relevance gamma of each sampled frame to the sentence. The M-step calibrates
the text by visual prototypes and links candidates to one object; the E-step looks at frames
denoised around that object and finds the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from .arrays import Float, sigmoid, standardise
from .borders import refine, trim_partial
from .contrast import Measured
from .events import Event, atomic_events, find_events
from .evidence import Evidence, Query
from .linking import link
from .search import Prepared, Search
from .text_prototypes import Prototype, calibrate, exemplarity, select
from .threads import one_thread

FLOOR = 0.1
"""Share of a frame's score that survives when the frame seems irrelevant."""
LABEL_IN_GAMMA = 2.0
"""Weight of a label in gamma, which has as many terms of whole frames beside that of the pick."""
SURE_LABEL = 3.0
"""Standard deviations beyond which a label that fits even better says no more."""
EVEN_ODDS, ODDS_SCALE = 9.0, 1.5
"""Evidence at which vIoU > 0.5 is as likely as not, and by how much more the odds grow e-fold.

A logistic fit over real videos and two encoders, as many absent sentences as present ones; see
docs/quality.md.
"""


@dataclass(frozen=True, eq=False)
class Grounding:
    """Where and when a sentence happens, over the T sampled frames, and why we think so.

    Attributes:
        first: first sampled frame of the event, 0-based.
        last: last sampled frame of the event, inclusive.
        picks: (T,) picked track in each frame, -1 for none.
        relevance: (T,) gamma brought to 0..1: 1 is the best frame; 0 is as good as an unrelated
            sentence, or, without contrast, the worst frame.
        gamma: (T,) raw gamma: fit of the text to the denoised frame plus to the whole frame, plus
            that of the picked object if `pick_weight` says so.
        scores: (K, T) fit of the text to each candidate: standard deviations above unrelated
            sentences, or, without contrast, the cosine; NaN where there is none.
        certainty: (T,) how sure the frame's box is, 0..1: calibrated to the share of tubes with
            vIoU > 0.5. Without contrast: relevance times how far the pick stands out among all
            candidates.
        events: all atomic events; the answer is made of the selected ones, up to its ends.
        prototypes: regions that stand for the sentence.
        iterations: EM iterations done.
        converged: whether picks and event repeated.
        warnings: sentences about what was unusual.
    """

    first: int
    last: int
    picks: NDArray[np.int64]
    relevance: Float
    gamma: Float
    scores: Float
    certainty: Float
    events: tuple[Event, ...]
    prototypes: tuple[Prototype, ...]
    iterations: int
    converged: bool
    warnings: tuple[str, ...] = field(default=())

    @property
    def confidence(self) -> float:
        """Mean certainty over the event, 0..1; not from the paper."""
        return float(self.certainty[self.first : self.last + 1].mean())

    def __repr__(self) -> str:
        return (
            f"Grounding(frames {self.first}..{self.last} of {len(self.picks)}, "
            f"{(self.picks >= 0).sum()} picks, confidence {self.confidence:.2f})"
        )


@dataclass(frozen=True, eq=False)
class _Space:
    """Result of an M-step.

    Attributes:
        text: (D,) calibrated text.
        picks: (T,) picked track, -1 for none.
        chosen: (P,) rows of the picked candidates.
        score: (N,) fit of each candidate.
        appeal: (N,) the same with what is known beside the looks.
        prototypes: of the sentence.
    """

    text: Float
    picks: NDArray[np.int64]
    chosen: NDArray[np.int64]
    score: Float
    appeal: Float
    prototypes: tuple[Prototype, ...]


@dataclass(frozen=True, eq=False)
class _Time:
    """Result of an E-step: gamma, fit of the frames, relevance (T,); events and what they span."""

    gamma: Float
    frame_fit: Float
    relevance: Float
    events: tuple[Event, ...]
    segment: tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Look:
    """The frames as seen around the picks: denoised features (T, D), and atomic events."""

    picks: NDArray[np.int64]
    denoised: Measured
    bounds: list[tuple[int, int]]


def find(
    evidence: Evidence,
    queries: Sequence[Query],
    config: E3MConfig,
    unrelated: Float | None = None,
) -> list[Grounding]:
    """Grounds sentences in one video; what does not depend on the sentence is done once.

    Args:
        evidence: the video.
        queries: the sentences.
        config: all parameters of the algorithm.
        unrelated: (R, D) features of unrelated sentences, which `contrast` measures against.

    Returns:
        One grounding per sentence.

    Raises:
        ValueError: `contrast` is on and there are no unrelated sentences.
    """
    with one_thread("blas"):
        video = Prepared.of(evidence, config, unrelated)
        return [_find_one(Search.of(video, query)) for query in queries]


def _find_one(search: Search) -> Grounding:
    video, config = search.video, search.video.config
    relevance: Float = np.ones(len(video.evidence.frames))
    if config.gamma_init == "frame":
        relevance = search.relevance(video.frames.fit(search.query.text))
    previous: tuple[tuple[int, int], bytes] | None = None
    look: _Look | None = None
    iteration, converged = 0, False
    while iteration < config.n_iter and not converged:
        iteration += 1
        space = _m_step(search, relevance)
        if look is None or not np.array_equal(space.picks, look.picks):
            look = _look(video, space.picks)
        time = _e_step(search, space, look)
        relevance = time.relevance
        state = (time.segment, space.picks.tobytes())
        converged, previous = state == previous, state
    scores = np.full(video.evidence.tracks.kind.shape, np.nan, np.float32)
    scores[video.track, video.frame] = space.score
    return Grounding(
        first=time.segment[0],
        last=time.segment[1],
        picks=space.picks,
        relevance=time.relevance,
        gamma=time.gamma,
        scores=scores,
        certainty=_certainty(search, space, time),
        events=time.events,
        prototypes=space.prototypes,
        iterations=iteration,
        converged=converged,
        warnings=tuple(_warnings(video.evidence, time)),
    )


def _m_step(search: Search, relevance: Float) -> _Space:
    """Which object: calibrate the text, score the candidates, link them."""
    video, config, text = search.video, search.video.config, search.query.text
    x, track, frame = video.candidates.x, video.track, video.frame
    prototypes: tuple[Prototype, ...] = ()
    calibrated = text
    if config.prototypes and len(x):
        likeness = search.appeal(video.candidates.fit(text))
        fit = exemplarity(likeness, frame, relevance)
        rows = select(x, frame, fit, len(relevance), config)
        calibrated, weight = calibrate(text, x[rows], fit[rows], config.alpha)
        prototypes = tuple(
            Prototype(int(frame[i]), int(track[i]), tuple(video.box[i].tolist()), float(w))
            for i, w in zip(rows, weight, strict=True)
        )
    score = video.candidates.fit(calibrated)
    appeal = search.appeal(score)
    unary = (FLOOR + relevance[frame]) * (appeal - appeal.mean() if len(x) else appeal)
    picks = link(unary, track, frame, len(relevance), video.likeness, config)
    chosen = np.flatnonzero(picks[frame] == track)
    return _Space(calibrated, picks, chosen, score, appeal, prototypes)


def _look(video: Prepared, picks: NDArray[np.int64]) -> _Look:
    """What the E-step sees. EM ends when the picks repeat, so it is kept for as long as they do."""
    evidence, config = video.evidence, video.config
    denoised = evidence.frames if config.denoise == "none" else evidence.denoise(picks)
    denoised = video.modulated(denoised)
    bounds = []
    if config.events == "kmeans":
        seen = denoised
        if config.event_features == "both":
            whole = video.modulated(evidence.frames)
            seen = np.concatenate([denoised, whole], axis=1) / np.sqrt(2)
        bounds = atomic_events(seen, evidence.shot, evidence.fps, config)
    return _Look(picks, Measured(denoised, video.unrelated), bounds)


def _e_step(search: Search, space: _Space, look: _Look) -> _Time:
    """When: relevance of the frames denoised around the picks, then the event."""
    evidence, config = search.video.evidence, search.video.config
    text = space.text if config.relevance_text == "calibrated" else search.query.text
    frame_fit = look.denoised.fit(text) + search.video.frames.fit(text)
    gamma = frame_fit + _pick_term(search, space, frame_fit) if config.pick_weight else frame_fit
    relevance = search.relevance(gamma)
    events = find_events(look.bounds, relevance, evidence.shot, evidence.fps, config)
    chosen = [event for event in events if event.selected]
    segment = chosen[0].first, chosen[-1].last
    if config.refine_ends:
        segment = refine(*segment, relevance, evidence.shot, config.beta)
    if config.trim_partial:
        segment = trim_partial(*segment, space.picks, evidence.tracks, evidence.size)
    return _Time(gamma, frame_fit, relevance, tuple(events), segment)


def _pick_term(search: Search, space: _Space, frame_fit: Float) -> Float:
    """What the picked object adds to gamma (T,); nothing picked is as good as unrelated.

    Without contrast there is no such zero: a frame without a pick counts as its worst candidate,
    and the term is brought to the scale of `frame_fit`.
    """
    config, where = search.video.config, search.video.frame[space.chosen]
    if config.contrast:
        own = np.zeros(len(frame_fit))
        label = LABEL_IN_GAMMA * config.label_weight * search.label
        own[where] = (space.score + label)[space.chosen]
        return config.pick_weight * own
    own = np.full(len(frame_fit), space.appeal.min() if len(space.appeal) else 0.0)
    own[where] = space.appeal[space.chosen]
    return config.pick_weight * frame_fit.std() * standardise(own)


def _certainty(search: Search, space: _Space, time: _Time) -> Float:
    """How sure the box of each frame is, (T,) in 0..1; see `Grounding.certainty`."""
    where = search.video.frame[space.chosen]
    if not search.video.config.contrast:
        certainty = np.zeros(len(time.relevance))
        certainty[where] = sigmoid(space.appeal[space.chosen])
        return time.relevance * certainty
    own = np.zeros(len(time.relevance))
    own[where] = (space.score / 2 + np.minimum(search.label, SURE_LABEL))[space.chosen]
    return sigmoid((time.frame_fit / 2 + own - EVEN_ODDS) / ODDS_SCALE)


def _warnings(evidence: Evidence, time: _Time) -> list[str]:
    warnings = []
    if len(evidence.candidates) == 0:
        warnings.append("No box was found in any frame, so only the time of the event is known.")
    if len(time.gamma) == 1:
        warnings.append("The video was looked at in a single frame, so the event is that frame.")
    elif np.ptp(time.gamma) < 1e-6:
        warnings.append("All frames fit the sentence equally, so the event says nothing.")
    return warnings
