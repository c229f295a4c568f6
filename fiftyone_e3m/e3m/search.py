"""Input shared by both steps of EM: a video, prepared once, and one sentence in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..config import E3MConfig
from . import colour, motion, pace
from .arrays import Floats, steps
from .contrast import Measured, to_relevance
from .evidence import Evidence, Query
from .identity import Merit, Objects
from .linking import likenesses
from .visual_context import modulate, neighbours


@dataclass(frozen=True, eq=False)
class Prepared:
    """A video with everything computed that does not depend on the sentence.

    Attributes:
        evidence: the video.
        config: all parameters.
        unrelated: (R, D) features of unrelated sentences; None without contrast.
        candidates: (N, D) features of the candidates, modulated by their context.
        track: (N,) their tracks.
        frame: (N,) their sampled frames, ascending.
        box: (N, 4) their boxes, xyxy in pixels.
        colours: (K, 3, 11) colours of each track, mean over its candidates.
        pace: (N,) how fast they move, see `pace.pace`.
        objects: which tracks may be the same object; None unless one object is picked per shot.
        likeness: likeness of candidates in consecutive frames, see `likenesses`; empty if one
            object is picked per shot.
        frames: (T, D) features of the whole frames.
        near: (T, 2W + 1) neighbours of each frame, see `neighbours`; None without context.
    """

    evidence: Evidence
    config: E3MConfig
    unrelated: Floats | None
    candidates: Measured
    track: NDArray[np.int64]
    frame: NDArray[np.int64]
    box: Floats
    colours: Floats
    pace: Floats
    objects: Objects | None
    likeness: Sequence[Floats]
    frames: Measured
    near: NDArray[np.integer] | None

    @classmethod
    def of(cls, evidence: Evidence, config: E3MConfig, unrelated: Floats | None) -> Prepared:
        """Prepares a video; see the attributes.

        Raises:
            ValueError: `contrast` is on and there are no unrelated sentences.
        """
        if config.contrast and unrelated is None:
            raise ValueError("contrast needs features of unrelated sentences")
        unrelated = unrelated if config.contrast else None
        tracks, near = evidence.tracks, None
        one_object = config.link == "object" or bool(tracks.name)  # a path would mix their tracks
        if config.context:
            reach = steps(config.context_window, evidence.fps)
            around = neighbours(tracks.row, reach)[evidence.candidates]
            x = modulate(evidence.regions, around, config.context_tau)
            near = neighbours(evidence.frame_rows, reach)
        else:
            x = evidence.regions[evidence.candidates]
        track, frame = tracks.regions[evidence.candidates].T
        box = tracks.box[track, frame]
        return cls(
            evidence,
            config,
            unrelated,
            Measured(x, unrelated),
            track,
            frame,
            box,
            _mean_by_track(evidence.colours[evidence.candidates], track, len(tracks)),
            _pace(box, track, frame, evidence),
            Objects.of(tracks, evidence.shot, evidence.fps) if one_object else None,
            () if one_object else likenesses(track, frame, box, evidence.shot),
            Measured(evidence.frames, unrelated),
            near,
        )

    def modulated(self, frames: Floats) -> Floats:
        """Features (T, D) of frames, averaged with their neighbours if `config` says so."""
        return frames if self.near is None else modulate(frames, self.near, self.config.context_tau)


@dataclass(frozen=True, eq=False)
class Search:
    """One sentence in one video.

    Attributes:
        video: the video.
        query: the sentence.
        label: (N,) how well the class of each candidate fits, times the root of how sure the
            detector is of its track, 0..1; zeros if no class is known. A score is the probability
            of box and class together, so half of its logarithm is the share of the class.
        colour: (N,) how much of its track has the colours of the sentence, see `colour.agreement`.
        motion: (N,) how well its track moves as the sentence says, see `motion.agreement`.
        pace: (N,) how well its pace in that frame agrees, see `pace.agreement`.
    """

    video: Prepared
    query: Query
    label: Floats
    colour: Floats
    motion: Floats
    pace: Floats

    @classmethod
    def of(cls, video: Prepared, query: Query) -> Search:
        """A sentence in a video."""
        tracks = video.evidence.tracks
        label = np.zeros(len(tracks)) if query.label is None else query.label
        label = label * np.sqrt(tracks.certainty)
        coloured = colour.agreement(query.looks, video.colours)
        moving = np.zeros(len(label))
        if query.motion:
            for track in np.unique(video.track):
                path = video.box[video.track == track]
                moving[track] = motion.agreement(query.motion, path, video.evidence.size)
        return cls(
            video,
            query,
            label[video.track],
            coloured[video.track],
            moving[video.track],
            pace.agreement(query.moves, video.pace),
        )

    def relevance(self, gamma: Floats) -> Floats:
        """Gamma (T,) as relevance in 0..1, times the query's prior; the best frame has 1."""
        relevance = to_relevance(gamma, self.video.config.contrast)
        if self.query.prior is None:
            return relevance
        relevance = relevance * self.query.prior
        return relevance / relevance.max()


@dataclass(frozen=True, eq=False)
class Choice:
    """Which object: the result of an M-step.

    Attributes:
        text: (D,) calibrated text.
        picks: (T,) picked track, -1 for none.
        chosen: (P,) rows of the picked candidates.
        score: (N,) fit of each candidate.
        appeal: (N,) the fit in standard deviations, plus other evidence, see `additions.appeal`.
        merit: how much speaks for each track.
    """

    text: Floats
    picks: NDArray[np.int64]
    chosen: NDArray[np.int64]
    score: Floats
    appeal: Floats
    merit: Merit


def _pace(
    box: Floats, track: NDArray[np.int64], frame: NDArray[np.int64], evidence: Evidence
) -> Floats:
    """(N,) pace of each candidate within its track."""
    found = np.full(len(track), np.nan)
    for one in np.unique(track):
        rows = np.flatnonzero(track == one)
        found[rows] = pace.pace(box[rows].astype(float), frame[rows], evidence.fps, evidence.camera)
    return found


def _mean_by_track(values: Floats, track: NDArray[np.int64], n_tracks: int) -> Floats:
    """(K, ...) means of values (N, ...) over each track; 0 for a track without any."""
    total = np.zeros((n_tracks, *values.shape[1:]))
    np.add.at(total, track, values)
    count = np.maximum(1, np.bincount(track, minlength=n_tracks))
    return total / count.reshape(-1, *[1] * (values.ndim - 1))
