"""From sampled frames back to the source: the tube and the relevance of every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..boxes import iou_matrix
from .arrays import Float
from .em import Grounding
from .linking import NO_PICK
from .tracks import DETECTED, Tracks

INTERPOLATED, FROM_TRACK, FROM_DETECTION = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Tube:
    """An answer in frames of the source video, 0-based and inclusive.

    Attributes:
        first: first frame of the event.
        last: last frame of the event.
        frames: (N,) frames of the event that have a box, ascending.
        xyxy: (N, 4) their boxes, in pixels.
        origin: (N,) where each box comes from: `FROM_DETECTION` (the detector's own), `FROM_TRACK`
            (propagated to a sampled frame) or `INTERPOLATED` (between or beside sampled frames).
        confidence: (N,) relevance of the frame times certainty of the pick, 0..1.
        relevance: (F,) relevance of every frame of the video, 0..1.
        atomic: (E, 2) first and last frame of every atomic event; they tile the video.
        prototypes: (P,) frames of the prototypes.
    """

    first: int
    last: int
    frames: NDArray[np.int64]
    xyxy: Float
    origin: NDArray[np.int8]
    confidence: Float
    relevance: Float
    atomic: NDArray[np.int64]
    prototypes: NDArray[np.int64]

    def __repr__(self) -> str:
        return f"Tube(frames {self.first}..{self.last}, {len(self.frames)} boxes)"


def make_tube(
    grounding: Grounding, tracks: Tracks, sampled: NDArray[np.int64], frame_count: int
) -> Tube:
    """Spreads a grounding over all frames of the source.

    Events border halfway between sampled frames, so that neighbouring events tile the video. Boxes
    are interpolated linearly between picks (STCAT), held at the ends, and held at the nearest pick
    where the pick jumps to another track that does not overlap.

    Args:
        grounding: answer over the T sampled frames.
        tracks: tracks over the same frames.
        sampled: (T,) 0-based source frame of each sampled frame, ascending.
        frame_count: F, frames of the source.
    """
    first, last = source_span(grounding.first, grounding.last, sampled, frame_count)
    spans = [source_span(e.first, e.last, sampled, frame_count) for e in grounding.events]
    atomic = np.array(spans, np.int64).reshape(-1, 2)
    prototypes = sampled[np.array([p.frame for p in grounding.prototypes], np.int64)]
    relevance = np.interp(np.arange(frame_count), sampled, grounding.relevance)
    where = np.flatnonzero(grounding.picks != NO_PICK)
    if len(where) == 0:
        none = np.empty(0)
        unseen = none.astype(int), none.reshape(0, 4), none.astype(np.int8), none
        return Tube(first, last, *unseen, relevance, atomic, prototypes)
    frames = np.arange(first, last + 1)
    track = grounding.picks[where]
    xyxy = _interpolate(frames, sampled[where], tracks.box[track, where].astype(float), track)
    origin = np.full(len(frames), INTERPOLATED, np.int8)
    inside = (sampled[where] >= first) & (sampled[where] <= last)
    kind = tracks.kind[track, where][inside]
    origin[sampled[where][inside] - first] = np.where(kind == DETECTED, FROM_DETECTION, FROM_TRACK)
    certainty = np.interp(frames, sampled[where], grounding.certainty[where])
    boxes = frames, xyxy, origin, relevance[frames] * certainty
    return Tube(first, last, *boxes, relevance, atomic, prototypes)


def source_span(
    first: int, last: int, sampled: NDArray[np.int64], frame_count: int
) -> tuple[int, int]:
    """Source frames, both inclusive, of the sampled frames `first` to `last`.

    Example:
        >>> sampled = np.array([0, 5, 10, 15])
        >>> source_span(0, 1, sampled, 20), source_span(2, 3, sampled, 20)
        ((0, 7), (8, 19))
    """
    start, end = 0, frame_count - 1
    if first > 0:
        start = -(-int(sampled[first - 1] + sampled[first]) // 2)
    if last < len(sampled) - 1:
        end = int(sampled[last] + sampled[last + 1] - 1) // 2
    return start, end


def _interpolate(
    frames: NDArray[np.int64], known: NDArray[np.int64], box: Float, track: NDArray[np.int64]
) -> Float:
    """Boxes (N, 4) at `frames` from boxes (P, 4) of tracks (P,) at the frames `known`."""
    xyxy = np.stack([np.interp(frames, known, box[:, c]) for c in range(4)], axis=1)
    for i in np.flatnonzero(np.diff(track)):
        if iou_matrix(box[i : i + 1], box[i + 1 : i + 2])[0, 0] == 0:
            middle = (known[i] + known[i + 1]) / 2
            xyxy[(frames > known[i]) & (frames <= middle)] = box[i]
            xyxy[(frames > middle) & (frames < known[i + 1])] = box[i + 1]
    return xyxy
