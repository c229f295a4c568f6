"""Expectation-maximisation: *which object* given when (M-step), *when* given the object (E-step).

Latent variable: the relevance gamma of each sampled frame to the sentence. The M-step calibrates
the text by visual prototypes and links candidates to one object; the E-step looks at frames
denoised around that object and finds the event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from .arrays import Float, minmax, sigmoid, standardise, steps
from .events import Event, find_events
from .linking import link
from .text_prototypes import Prototype, calibrate, exemplarity, select
from .tracks import Tracks
from .visual_context import modulate, neighbours

FLOOR = 0.1
"""Share of a frame's score that survives when the frame seems irrelevant."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a video before any sentence is asked.

    Attributes:
        tracks: K tracks over T sampled frames, with M regions.
        regions: (M, D) features of the regions, in the order of `tracks.regions`, length 1.
        frames: (T, D) features of the whole frames, length 1.
        denoise: features (T, D) of the frames with all but the picked object blurred, from picks
            (T,); the whole frame's feature where nothing is picked.
        fps: sampled frames per second.
    """

    tracks: Tracks
    regions: Float
    frames: Float
    denoise: Callable[[NDArray[np.int64]], Float]
    fps: float

    @cached_property
    def candidates(self) -> NDArray[np.int64]:
        """(N,) rows of the regions that may be picked, frame by frame."""
        return np.flatnonzero(self.tracks.is_candidate)


@dataclass(frozen=True, eq=False)
class Grounding:
    """Where and when a sentence happens, over the T sampled frames, and why we think so.

    Attributes:
        first: first sampled frame of the event, 0-based.
        last: last sampled frame of the event, inclusive.
        picks: (T,) picked track in each frame, -1 for none.
        relevance: (T,) gamma stretched to 0..1.
        gamma: (T,) raw gamma: cosine of the text with the denoised frame plus with the frame.
        scores: (K, T) cosine of the text with each candidate; NaN where there is none.
        certainty: (T,) how far the pick stands out among all candidates, 0..1; 0 without a pick.
        events: all atomic events; the answer is made of the selected ones.
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
        """Mean over the event of relevance times certainty, 0..1; not from the paper."""
        event = slice(self.first, self.last + 1)
        return float((self.relevance[event] * self.certainty[event]).mean())

    def __repr__(self) -> str:
        return (
            f"Grounding(frames {self.first}..{self.last} of {len(self.picks)}, "
            f"{(self.picks >= 0).sum()} picks, confidence {self.confidence:.2f})"
        )


@dataclass(frozen=True, eq=False)
class _Space:
    """Result of an M-step: text (D,), picks (T,), scores and their z (N,), prototypes."""

    text: Float
    picks: NDArray[np.int64]
    score: Float
    z: Float
    prototypes: tuple[Prototype, ...]


@dataclass(frozen=True, eq=False)
class _Time:
    """Result of an E-step: gamma (T,), relevance (T,) and the events."""

    gamma: Float
    relevance: Float
    events: tuple[Event, ...]

    @property
    def segment(self) -> tuple[int, int]:
        chosen = [event for event in self.events if event.selected]
        return chosen[0].first, chosen[-1].last


def find(evidence: Evidence, texts: Float, config: E3MConfig) -> list[Grounding]:
    """Grounds sentences in one video; what does not depend on the sentence is done once.

    Args:
        evidence: the video.
        texts: (Q, D) features of the sentences, length 1.
        config: all parameters of the algorithm.

    Returns:
        One grounding per sentence.
    """
    reach = steps(config.context_window, evidence.fps)
    regions = evidence.regions
    if config.context:
        regions = modulate(regions, neighbours(evidence.tracks.row, reach), config.context_tau)
    return [_find_one(evidence, regions, text, reach, config) for text in texts]


def _find_one(
    evidence: Evidence, regions: Float, text: Float, reach: int, config: E3MConfig
) -> Grounding:
    n = len(evidence.frames)
    relevance: Float = np.ones(n)
    if config.gamma_init == "frame":
        relevance = minmax(evidence.frames @ text)
    previous: tuple[tuple[int, int], bytes] | None = None
    iteration, converged = 0, False
    while iteration < config.n_iter and not converged:
        iteration += 1
        space = _m_step(evidence, regions, text, relevance, config)
        time = _e_step(evidence, space, text, reach, config)
        relevance = time.relevance
        state = (time.segment, space.picks.tobytes())
        converged, previous = state == previous, state
    first, last = time.segment
    track, frame = evidence.tracks.regions[evidence.candidates].T
    scores = np.full(evidence.tracks.kind.shape, np.nan, np.float32)
    scores[track, frame] = space.score
    picked = space.picks[frame] == track
    certainty = np.zeros(n)
    certainty[frame[picked]] = sigmoid(space.z[picked])
    return Grounding(
        first=first,
        last=last,
        picks=space.picks,
        relevance=time.relevance,
        gamma=time.gamma,
        scores=scores,
        certainty=certainty,
        events=time.events,
        prototypes=space.prototypes,
        iterations=iteration,
        converged=converged,
        warnings=tuple(_warnings(evidence, time)),
    )


def _m_step(
    evidence: Evidence, regions: Float, text: Float, relevance: Float, config: E3MConfig
) -> _Space:
    """Which object: calibrate the text, score the candidates, link them."""
    rows = evidence.candidates
    x = regions[rows]
    track, frame = evidence.tracks.regions[rows].T
    box = evidence.tracks.box[track, frame]
    prototypes: tuple[Prototype, ...] = ()
    calibrated = text
    if config.prototypes and len(rows):
        fit = exemplarity(x, frame, text, relevance)
        chosen = select(x, frame, fit, len(relevance), config)
        calibrated, weight = calibrate(text, x[chosen], fit[chosen], config.alpha)
        prototypes = tuple(
            Prototype(int(frame[i]), int(track[i]), tuple(box[i].tolist()), float(w))
            for i, w in zip(chosen, weight, strict=True)
        )
    score = x @ calibrated
    z = standardise(score)
    unary = (FLOOR + relevance[frame]) * z
    picks = link(unary, track, frame, box, len(relevance), config)
    return _Space(calibrated, picks, score, z, prototypes)


def _e_step(evidence: Evidence, space: _Space, text: Float, reach: int, config: E3MConfig) -> _Time:
    """When: relevance of the frames denoised around the picks, then the event."""
    v = evidence.frames
    if config.denoise != "none":
        v = evidence.denoise(space.picks)
    if config.context:
        alone = np.arange(len(v))[None, :]
        v = modulate(v, neighbours(alone, reach), config.context_tau)
    query = space.text if config.relevance_text == "calibrated" else text
    gamma = v @ query + evidence.frames @ query
    relevance = minmax(gamma)
    events = find_events(v, relevance, evidence.fps, config)
    return _Time(gamma, relevance, tuple(events))


def _warnings(evidence: Evidence, time: _Time) -> list[str]:
    warnings = []
    if len(evidence.candidates) == 0:
        warnings.append("No box was found in any frame, so only the time of the event is known.")
    if len(time.gamma) == 1:
        warnings.append("The video was looked at in a single frame, so the event is that frame.")
    elif np.ptp(time.gamma) < 1e-6:
        warnings.append("All frames fit the sentence equally, so the event says nothing.")
    return warnings
