"""From sampled frames back to source frames: the tube and the relevance of every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..boxes import iou_matrix
from .arrays import Floats
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
        track: (N,) row, among the tracks of the answer, of the track that each box belongs to.
        confidence: (N,) how certain the box is, 0..1.
        relevance: (F,) relevance of every frame of the video, 0..1.
        atomic: (E, 2) first and last frame of every atomic event; they tile the video, or the event
            if its ends were given.
        prototypes: (P,) frames of the prototypes.
    """

    first: int
    last: int
    frames: NDArray[np.int64]
    xyxy: Floats
    origin: NDArray[np.int8]
    track: NDArray[np.int64]
    confidence: Floats
    relevance: Floats
    atomic: NDArray[np.int64]
    prototypes: NDArray[np.int64]

    def __repr__(self) -> str:
        return f"Tube(frames {self.first}..{self.last}, {len(self.frames)} boxes)"


def splice(tube: Tube, closer: Tube, start: int) -> Tube:
    """The tube of an event that was sampled again in a part of the video.

    Args:
        tube: tube of the whole video.
        closer: tube of the part alone, its frames counted from the start of the part.
        start: first frame of the part in the video.

    Returns:
        The closer tube in frames of the video; outside the part, relevance and atomic events are
        those of `tube`.
    """
    end = start + len(closer.relevance)
    relevance = np.concatenate([tube.relevance[:start], closer.relevance, tube.relevance[end:]])
    first, last = tube.atomic.T
    before = np.stack([first, np.minimum(last, start - 1)], axis=1)[first < start]
    after = np.stack([np.maximum(first, end), last], axis=1)[last >= end]
    return replace(
        closer,
        first=closer.first + start,
        last=closer.last + start,
        frames=closer.frames + start,
        relevance=relevance,
        atomic=np.concatenate([before, closer.atomic + start, after]),
        prototypes=closer.prototypes + start,
    )


def make_tube(
    grounding: Grounding,
    tracks: Tracks,
    sampled: NDArray[np.int64],
    frame_count: int,
    cuts: Sequence[int] = (),
    span: tuple[int, int] | None = None,
) -> Tube:
    """Converts a grounding over sampled frames to all source frames.

    The border between two events is the cut between their sampled frames, or else halfway, so that
    neighbouring events tile the video. Boxes are interpolated linearly between the picks of each
    shot (STCAT), held constant at the ends, and held at the nearest pick where the pick jumps to
    another track without overlap. Only a given event can cross a cut; a shot without a pick has no
    boxes.

    Args:
        grounding: answer over the T sampled frames.
        tracks: tracks over the same frames.
        sampled: (T,) 0-based source frame of each sampled frame, ascending.
        frame_count: F, number of source frames.
        cuts: first source frame of each shot but the first, ascending.
        span: first and last source frame of the event where they are given. Then the tube has
            exactly these ends, its atomic events tile this span, and the relevance outside is 0.
    """
    borders = event_borders(sampled, frame_count, cuts)
    first, last = int(borders[grounding.first]), int(borders[grounding.last + 1]) - 1
    spans = [(borders[e.first], borders[e.last + 1] - 1) for e in grounding.events]
    atomic = np.array(spans, np.int64).reshape(-1, 2)
    prototypes = sampled[np.array([p.frame for p in grounding.prototypes], np.int64)]
    seen = slice(grounding.first, grounding.last + 1) if span else slice(None)
    relevance = np.interp(np.arange(frame_count), sampled[seen], grounding.relevance[seen])
    if span:
        first, last = span
        atomic[0, 0], atomic[-1, 1] = span
        relevance[:first], relevance[last + 1 :] = 0, 0
    shot = np.searchsorted(cuts, sampled, side="right")
    of_event = (shot >= shot[grounding.first]) & (shot <= shot[grounding.last])
    where = np.flatnonzero((grounding.picks != NO_PICK) & of_event)
    if len(where) == 0:
        none, no_frame = np.empty(0), np.empty(0, np.int64)
        no_boxes = no_frame, none.reshape(0, 4), none.astype(np.int8), no_frame, none
        return Tube(first, last, *no_boxes, relevance, atomic, prototypes)
    numbers = np.arange(first, last + 1)
    place = np.searchsorted(cuts, numbers, side="right")
    parts = [
        _boxes(grounding, tracks, sampled, where[shot[where] == s], numbers[place == s])
        for s in np.unique(shot[where])
    ]
    frames, xyxy, origin, track, certainty = map(np.concatenate, zip(*parts, strict=True))
    return Tube(first, last, frames, xyxy, origin, track, certainty, relevance, atomic, prototypes)


def event_borders(
    sampled: NDArray[np.int64], frame_count: int, cuts: Sequence[int] = ()
) -> NDArray[np.int64]:
    """The source frames at which an event may begin, one per sampled frame, and the end.

    Returns:
        (T + 1,); sampled frames i to j stand for the source frames ``borders[i]`` to
        ``borders[j + 1] - 1``.

    Example:
        >>> event_borders(np.array([0, 5, 10, 15]), 20).tolist()
        [0, 3, 8, 13, 20]
        >>> event_borders(np.array([0, 5, 10, 15]), 20, cuts=[6]).tolist()
        [0, 3, 6, 13, 20]
    """
    middle = -(-(sampled[:-1] + sampled[1:]) // 2)
    borders = np.concatenate([[0], middle, [frame_count]]).astype(np.int64)
    for cut in cuts:
        after = int(np.searchsorted(sampled, cut))
        if 0 < after < len(sampled):
            borders[after] = cut
    return borders


def _boxes(
    grounding: Grounding,
    tracks: Tracks,
    sampled: NDArray[np.int64],
    where: NDArray[np.int64],
    frames: NDArray[np.int64],
) -> tuple[NDArray[np.int64], Floats, NDArray[np.int8], NDArray[np.int64], Floats]:
    """The columns of a tube at `frames` (N,) of a shot, from the picks `where`."""
    track, picked = grounding.picks[where], sampled[where]
    xyxy = _interpolate(frames, picked, tracks.box[track, where].astype(float), track)
    origin = np.full(len(frames), INTERPOLATED, np.int8)
    _, at, inside = np.intersect1d(frames, picked, return_indices=True)
    kind = tracks.kind[track, where][inside]
    origin[at] = np.where(kind == DETECTED, FROM_DETECTION, FROM_TRACK)
    nearest = np.searchsorted((picked[:-1] + picked[1:]) / 2, frames)
    certainty = np.interp(frames, picked, grounding.certainty[where])
    return frames, xyxy, origin, track[nearest], certainty


def _interpolate(
    frames: NDArray[np.int64], picked: NDArray[np.int64], box: Floats, track: NDArray[np.int64]
) -> Floats:
    """Boxes (N, 4) at `frames`, from boxes (P, 4) of tracks (P,) at the frames `picked` (P,)."""
    xyxy = np.stack([np.interp(frames, picked, box[:, c]) for c in range(4)], axis=1)
    for i in np.flatnonzero(np.diff(track)):
        if iou_matrix(box[i : i + 1], box[i + 1 : i + 2])[0, 0] == 0:
            middle = (picked[i] + picked[i + 1]) / 2
            xyxy[(frames > picked[i]) & (frames <= middle)] = box[i]
            xyxy[(frames > middle) & (frames < picked[i + 1])] = box[i + 1]
    return xyxy
