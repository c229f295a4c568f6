"""The source's own boxes of a track, in all frames of a tube and not only in the sampled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from .tracks import Tracks
from .tube import FROM_DETECTION, INTERPOLATED, Tube


def follow(
    tube: Tube,
    tracks: Tracks,
    given: Mapping[int, Boxes],
    longest_gap: int,
    cuts: Sequence[int] = (),
) -> Tube:
    """The tube with the boxes that the source itself gives its tracks.

    Between two of these, boxes are interpolated if the gap is not too long. In other frames the
    source says that the object is not seen, so they lose their box. Boxes of tracks that the source
    does not know stay as they are.

    Args:
        tube: the tube.
        tracks: the tracks that it is made of.
        given: raw boxes of the source by frame, at least for the tube and `longest_gap` frames
            around it.
        longest_gap: most frames without a box between two boxes of a track.
        cuts: first frame of each shot but the first, ascending.
    """
    xyxy, origin = tube.xyxy.copy(), tube.origin.copy()
    keep = np.ones(len(tube.frames), bool)
    for track in np.unique(tube.track) if tracks.name else ():
        rows = np.flatnonzero(tube.track == track)
        frames = tube.frames[rows]
        shot = int(np.searchsorted(cuts, frames[0], side="right"))
        known, boxes = _of_track(tracks.name[track], given, shot, cuts)
        is_own = np.isin(frames, known)
        if not is_own.any():
            continue
        after = np.searchsorted(known, frames)
        earlier, later = known[np.maximum(after - 1, 0)], known[np.minimum(after, len(known) - 1)]
        is_between = (earlier < frames) & (frames < later) & (later - earlier <= longest_gap + 1)
        keep[rows] = is_own | is_between
        origin[rows] = np.where(is_own, FROM_DETECTION, INTERPOLATED)
        xyxy[rows] = np.stack([np.interp(frames, known, column) for column in boxes.T], axis=1)
    return replace(
        tube,
        frames=tube.frames[keep],
        xyxy=xyxy[keep],
        origin=origin[keep],
        track=tube.track[keep],
        confidence=tube.confidence[keep],
    )


def _of_track(
    name: str, given: Mapping[int, Boxes], shot: int, cuts: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The frames (N,) of a shot where the source has a box of a track, and the boxes (N, 4)."""
    best = {}
    for frame in sorted(given):
        boxes = given[frame]
        rows = np.flatnonzero([track == name for track in boxes.tracks])
        rows = rows[~boxes.odd()[rows]]
        if len(rows) and np.searchsorted(cuts, frame, side="right") == shot:
            best[frame] = boxes.xyxy[rows[boxes.scores[rows].argmax()]]
    return np.array(list(best), np.int64), np.array(list(best.values()), float).reshape(-1, 4)
