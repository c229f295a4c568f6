"""Region propagation: links detections into tracks, fills their gaps and extends their ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..boxes import Boxes, area, clip, enlarge, iou_matrix
from ..config import E3MConfig
from .arrays import steps
from .kalman import RegionFilter, extrapolate

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
    """

    box: NDArray[np.float32]
    kind: NDArray[np.int8]
    score: NDArray[np.float32]
    label: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kind)

    def __repr__(self) -> str:
        n, t = self.kind.shape
        return f"Tracks({n} tracks, {t} frames, {len(self.regions)} regions)"

    def take(self, keep: NDArray[np.bool_]) -> Tracks:
        """The tracks where `keep` (K,) is true."""
        label = tuple(name for name, kept in zip(self.label, keep, strict=True) if kept)
        return Tracks(self.box[keep], self.kind[keep], self.score[keep], label)

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


@dataclass
class _Track:
    """A track while detections are being associated.

    Attributes:
        filter: its motion so far, which predicts the next box.
        seen: the row of its detection in each frame where it was detected, frames ascending.
        labels: number of detections per class.
    """

    filter: RegionFilter
    seen: dict[int, int] = field(default_factory=dict)
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, t: int, row: int, label: str) -> None:
        self.seen[t] = row
        self.labels[label] += 1

    @property
    def last(self) -> int:
        return next(reversed(self.seen))

    @property
    def label(self) -> str:
        return self.labels.most_common(1)[0][0]


def build_tracks(
    detections: Sequence[Boxes],
    width: int,
    height: int,
    fps: float,
    config: E3MConfig,
    shot: NDArray[np.int64] | None = None,
) -> Tracks:
    """Tracks of all objects of a video.

    Association: Kalman prediction, then the assignment that maximises IoU (SORT). Each detection
    belongs to exactly one track. `propagate` fills the gaps; with `extend_tracks` it also extends
    the ends.

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
    tracks = _associate(detections, shot, fps, config)
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
            _propagate(regions, kinds, detected - life.start, track.filter, reach, fps)
        _drop_invisible(regions, kinds, width, height, config.min_visible)
        box[i, life] = clip(regions, width, height)
    return Tracks(box, kind, score, tuple(track.label for track in tracks))


def _associate(
    detections: Sequence[Boxes], shot: NDArray[np.int64], fps: float, config: E3MConfig
) -> list[_Track]:
    max_age = steps(config.max_age, fps)
    live: list[_Track] = []
    finished: list[_Track] = []
    for t, boxes in enumerate(detections):
        ended = [t - k.last > max_age + 1 or shot[t] != shot[k.last] for k in live]
        finished += [track for track, over in zip(live, ended, strict=True) if over]
        live = [track for track, over in zip(live, ended, strict=True) if not over]
        predicted = np.array([track.filter.predict() for track in live]).reshape(-1, 4)
        sure = boxes.scores >= config.conf
        pairs = _match(predicted, boxes, np.arange(len(live)), np.flatnonzero(sure), config)
        # unsure boxes continue the tracks that no sure one has continued (ByteTrack)
        left = np.setdiff1d(np.arange(len(live)), [i for i, _ in pairs])
        pairs += _match(predicted, boxes, left, np.flatnonzero(~sure), config)
        for i, j in pairs:
            live[i].filter.update(boxes.xyxy[j].astype(np.float64))
            live[i].add(t, j, boxes.labels[j])
        for j in np.setdiff1d(np.flatnonzero(sure), [j for _, j in pairs]):
            track = _Track(RegionFilter(boxes.xyxy[j].astype(np.float64), fps))
            track.add(t, j, boxes.labels[j])
            live.append(track)
    return sorted(finished + live, key=lambda track: next(iter(track.seen.items())))


def _match(
    predicted: NDArray[np.float64],
    boxes: Boxes,
    tracks: NDArray[np.int64],
    candidates: NDArray[np.int64],
    config: E3MConfig,
) -> list[tuple[int, int]]:
    """Pairs of the given rows of predicted and detected boxes, by IoU."""
    detected = boxes.xyxy[candidates].astype(np.float64)
    expected, found = (enlarge(b, config.buffer) for b in (predicted[tracks], detected))
    iou = iou_matrix(expected, found)
    # gated before the assignment, so that two bad pairs cannot displace a good one
    iou = np.where(iou >= config.iou_gate, iou, 0)
    rows, columns = linear_sum_assignment(iou, maximize=True)
    matched = [(i, j) for i, j in zip(rows, columns, strict=True) if iou[i, j] > 0]
    return [(int(tracks[i]), int(candidates[j])) for i, j in matched]


def _propagate(
    box: NDArray[np.float64],
    kind: NDArray[np.int8],
    detected: NDArray[np.int64],
    region: RegionFilter,
    reach: int,
    fps: float,
) -> None:
    """Fills gaps and extends both ends of one track, in place: `box` (L, 4), `kind` (L,)."""
    first, last = detected[0], detected[-1]
    missing = np.setdiff1d(np.arange(first, last), detected)
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
    outside = (visible < min_visible * area(box)) | (visible < 1)
    kind[(kind > DETECTED) & outside] = NONE
