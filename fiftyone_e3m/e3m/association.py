"""Which detections belong to one track: by the source's word, or else by motion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..boxes import Boxes, enlarge, iou_matrix
from ..config import E3MConfig
from .arrays import steps
from .kalman import RegionFilter


@dataclass
class Sightings:
    """The detections of one track.

    Attributes:
        filter: its motion so far, which predicts the next box.
        seen: the row of its detection in each frame where it was detected, frames ascending.
        labels: number of detections per class.
        name: its name in the source of the boxes, if it has one.
    """

    filter: RegionFilter
    seen: dict[int, int] = field(default_factory=dict)
    labels: Counter[str] = field(default_factory=Counter)
    name: str = ""

    def add(self, t: int, row: int, label: str) -> None:
        """Adds the detection in a row of frame `t`."""
        self.seen[t] = row
        self.labels[label] += 1

    @property
    def last(self) -> int:
        """The last frame with a detection."""
        return next(reversed(self.seen))

    @property
    def label(self) -> str:
        """The most frequent class."""
        return self.labels.most_common(1)[0][0]


def given(
    detections: Sequence[Boxes], shot: NDArray[np.int64], fps: float, config: E3MConfig
) -> list[Sightings]:
    """The source's own tracks, each in each shot; a track without a sure box is left out.

    If one has several boxes in a frame, the first counts: the best one, see `boxes.clean`.

    Args:
        detections: boxes of each of the T sampled frames.
        shot: (T,) shot number of each frame, ascending.
        fps: sampled frames per second.
        config: uses `conf`.
    """
    rows: dict[tuple[str, int], dict[int, int]] = {}
    for t, boxes in enumerate(detections):
        for row, name in enumerate(boxes.tracks):
            if name:
                rows.setdefault((name, int(shot[t])), {}).setdefault(t, row)
    tracks = []
    for (name, _), seen in rows.items():
        if max(detections[t].scores[row] for t, row in seen.items()) < config.conf:
            continue
        (first, *_), last = seen, next(reversed(seen))
        start = detections[first].xyxy[seen[first]].astype(np.float64)
        track = Sightings(RegionFilter(start, fps), name=name)
        for t in range(first, last + 1):
            if t > first:
                track.filter.predict()
            if t in seen:
                if t > first:
                    track.filter.update(detections[t].xyxy[seen[t]].astype(np.float64))
                track.add(t, seen[t], detections[t].labels[seen[t]])
        tracks.append(track)
    return tracks


def associated(
    detections: Sequence[Boxes], shot: NDArray[np.int64], fps: float, config: E3MConfig
) -> list[Sightings]:
    """Tracks of the boxes to which the source gave none, by IoU with their predicted places.

    Args:
        detections: boxes of each of the T sampled frames.
        shot: (T,) shot number of each frame, ascending; no track crosses a cut.
        fps: sampled frames per second.
        config: uses `conf`, `max_age`, `iou_gate` and `buffer`.
    """
    max_age = steps(config.max_age, fps)
    live: list[Sightings] = []
    finished: list[Sightings] = []
    for t, boxes in enumerate(detections):
        ended = [t - k.last > max_age + 1 or shot[t] != shot[k.last] for k in live]
        finished += [track for track, over in zip(live, ended, strict=True) if over]
        live = [track for track, over in zip(live, ended, strict=True) if not over]
        predicted = np.array([track.filter.predict() for track in live]).reshape(-1, 4)
        is_sure, is_free = boxes.scores >= config.conf, ~boxes.named
        sure, unsure = np.flatnonzero(is_free & is_sure), np.flatnonzero(is_free & ~is_sure)
        pairs = _match(predicted, boxes, np.arange(len(live)), sure, config)
        # unsure boxes continue the tracks that no sure one has continued (ByteTrack)
        left = np.setdiff1d(np.arange(len(live)), [i for i, _ in pairs])
        pairs += _match(predicted, boxes, left, unsure, config)
        for i, j in pairs:
            live[i].filter.update(boxes.xyxy[j].astype(np.float64))
            live[i].add(t, j, boxes.labels[j])
        for j in np.setdiff1d(sure, [j for _, j in pairs]):
            track = Sightings(RegionFilter(boxes.xyxy[j].astype(np.float64), fps))
            track.add(t, j, boxes.labels[j])
            live.append(track)
    return finished + live


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
