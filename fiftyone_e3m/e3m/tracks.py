"""Region propagation: tracks of detections, with their gaps filled and their ends extended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes, area, clip
from ..config import E3MConfig
from .arrays import steps
from .association import associated, given
from .kalman import SMALLEST_SIDE, RegionFilter, extrapolate

NONE, DETECTED, FILLED, EXTRAPOLATED = 0, 1, 2, 3


@dataclass(frozen=True, eq=False)
class Tracks:
    """K tracks over T sampled frames.

    A track's *regions* are the frames where its kind is not `NONE`. Its *candidates* are the
    regions that may become part of the answer: the detected and filled ones. Extrapolated regions
    only provide context.

    Attributes:
        box: (K, T, 4) float32, xyxy in pixels; undefined where the kind is `NONE`.
        kind: (K, T) int8, one of `NONE`, `DETECTED`, `FILLED`, `EXTRAPOLATED`.
        score: (K, T) float32, detector score where detected, else 0.
        label: K class names, the most frequent one of each track's detections.
        name: K names that the tracks have in the source of the boxes; an empty string for a track
            that was found here. Empty if none has a name.
    """

    box: NDArray[np.float32]
    kind: NDArray[np.int8]
    score: NDArray[np.float32]
    label: tuple[str, ...]
    name: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.kind)

    def __repr__(self) -> str:
        n, t = self.kind.shape
        return f"Tracks({n} tracks, {t} frames, {len(self.regions)} regions)"

    def take(self, keep: NDArray[np.bool_]) -> Tracks:
        """The tracks where `keep` (K,) is true."""
        label = tuple(compress(self.label, keep))
        name = tuple(compress(self.name, keep))
        return Tracks(self.box[keep], self.kind[keep], self.score[keep], label, name)

    @property
    def named(self) -> NDArray[np.bool_]:
        """(K,) which tracks are the source's own."""
        if not self.name:
            return np.zeros(len(self), bool)
        return np.array([name != "" for name in self.name], bool)

    @cached_property
    def certainty(self) -> NDArray[np.floating]:
        """(K,) mean score of each track's detections, 0..1; 1 for a track without any.

        Scores of a source that counts in percent are above 1, and count as 1.
        """
        detected = self.kind == DETECTED
        count = detected.sum(axis=1)
        score = np.clip(self.score, 0, 1) * detected
        return np.where(count, score.sum(axis=1) / np.maximum(1, count), 1.0)

    @cached_property
    def regions(self) -> NDArray[np.int64]:
        """(M, 2) the track and the frame of every region, frame by frame."""
        frame, track = np.nonzero(self.kind.T)
        return np.stack([track, frame], axis=1)

    @cached_property
    def row(self) -> NDArray[np.int32]:
        """(K, T) the row of each region in `regions`, -1 where there is none."""
        row = np.full(self.kind.shape, -1, np.int32)
        track, frame = self.regions.T
        row[track, frame] = np.arange(len(track))
        return row

    @cached_property
    def is_candidate(self) -> NDArray[np.bool_]:
        """(M,) which regions may be picked."""
        track, frame = self.regions.T
        return self.kind[track, frame] < EXTRAPOLATED


def build_tracks(
    detections: Sequence[Boxes],
    width: int,
    height: int,
    fps: float,
    config: E3MConfig,
    shot: NDArray[np.int64] | None = None,
) -> Tracks:
    """Tracks of all objects of a video.

    Boxes that the source gave one track are one track, in each shot. The others are associated:
    Kalman prediction, then the assignment that maximises IoU (SORT). Each detection belongs to
    exactly one track. `propagate` fills the gaps, but not those longer than `max_age`; with
    `extend_tracks` it also extends the ends.

    Args:
        detections: boxes of each of the T sampled frames.
        width: frame width in pixels.
        height: frame height in pixels.
        fps: sampled frames per second.
        config: uses the parameters of region propagation and the context window.
        shot: (T,) shot number of each frame, ascending; no track crosses a cut. None for a
            single shot.
    """
    if shot is None:
        shot = np.zeros(len(detections), np.int64)
    tracks = associated(detections, shot, fps, config) + given(detections, shot, fps, config)
    tracks.sort(key=lambda track: next(iter(track.seen.items())))
    k, t = len(tracks), len(detections)
    box = np.zeros((k, t, 4), np.float32)
    kind = np.zeros((k, t), np.int8)
    score = np.zeros((k, t), np.float32)
    reach = steps(config.context_window, fps) if config.extend_tracks else 0
    for i, track in enumerate(tracks):
        detected = np.array(list(track.seen))
        rows = track.seen.items()
        score[i, detected] = [detections[s].scores[row] for s, row in rows]
        start, end = np.searchsorted(shot, [shot[detected[0]], shot[detected[0]] + 1])
        life = slice(max(start, detected[0] - reach), min(end, detected[-1] + 1 + reach))
        regions, kinds = np.zeros((life.stop - life.start, 4)), kind[i, life]
        regions[detected - life.start] = [detections[s].xyxy[row] for s, row in rows]
        kinds[detected - life.start] = DETECTED
        if config.propagate:
            _propagate(regions, kinds, detected - life.start, track.filter, reach, fps, config)
        _drop_invisible(regions, kinds, width, height, config.min_visible)
        box[i, life] = clip(regions, width, height)
    name = tuple(track.name for track in tracks)
    label = tuple(track.label for track in tracks)
    return Tracks(box, kind, score, label, name if any(name) else ())


def _propagate(
    box: NDArray[np.float64],
    kind: NDArray[np.int8],
    detected: NDArray[np.int64],
    region: RegionFilter,
    reach: int,
    fps: float,
    config: E3MConfig,
) -> None:
    """Fills gaps and extends both ends of one track, in place: `box` (L, 4), `kind` (L,)."""
    first, last, gaps = detected[0], detected[-1], np.diff(detected)
    missing = np.setdiff1d(np.arange(first, last), detected)
    # only the source's own tracks have longer gaps: there it says that the object is not seen
    missing = missing[np.repeat(gaps - 1 <= steps(config.max_age, fps), gaps)[missing - first]]
    if len(missing):
        box[missing], kind[missing] = region.smoothed()[missing - first], FILLED
    after = min(reach, len(kind) - 1 - last)
    box[last + 1 : last + 1 + after] = region.ahead(after)
    kind[last + 1 : last + 1 + after] = EXTRAPOLATED
    before = min(reach, first)
    if before:  # a filter only predicts forwards, so another one follows the track backwards
        life = slice(first, last + 1)
        observed = np.where(kind[life, None] == DETECTED, box[life], np.nan)
        box[first - before : first] = extrapolate(observed[::-1], before, fps)[::-1]
        kind[first - before : first] = EXTRAPOLATED


def _drop_invisible(
    box: NDArray[np.float64], kind: NDArray[np.int8], width: int, height: int, min_visible: float
) -> None:
    """Drops propagated regions that lie mostly outside the frame, in place."""
    visible = area(clip(box, width, height))
    outside = (visible < min_visible * area(box)) | (visible < SMALLEST_SIDE**2)
    kind[(kind > DETECTED) & outside] = NONE
