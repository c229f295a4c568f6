"""The boxes of one frame as arrays, and the geometry that the pipeline needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Boxes:
    """Candidate boxes of one frame.

    Attributes:
        xyxy: (N, 4) float32, corners x1, y1, x2, y2 in pixels of the source frame.
        scores: (N,) float32, detector scores in 0..1.
        labels: N class names; an empty string where the source gives none.
        tracks: N names of the source's own tracks, unique within the video; an empty string where
            it gives none. Empty if no box has a name.

    Raises:
        ValueError: they do not have the same length, or `xyxy` is not (N, 4).
    """

    xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: tuple[str, ...]
    tracks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.labels)
        if self.tracks and len(self.tracks) != n:
            raise ValueError(f"expected {n} names of tracks, got {len(self.tracks)}")
        if self.xyxy.shape != (n, 4) or self.scores.shape != (n,):
            raise ValueError(
                f"expected xyxy ({n}, 4) and scores ({n},) for {n} labels, "
                f"got {self.xyxy.shape} and {self.scores.shape}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Boxes({len(self)}: {', '.join(sorted(set(self.labels)))})"

    @classmethod
    def of(cls, xyxy: ArrayLike, scores: ArrayLike, labels: Sequence[str]) -> Boxes:
        """Boxes from anything array-like; empty input gives shapes (0, 4) and (0,).

        Example:
            >>> Boxes.of([[0, 0, 10, 20]], [0.9], ["person"])
            Boxes(1: person)
        """
        return cls(
            np.asarray(xyxy, np.float32).reshape(-1, 4),
            np.asarray(scores, np.float32).reshape(-1),
            tuple(labels),
        )

    @classmethod
    def from_relative(
        cls,
        boxes: Sequence[Sequence[float] | None],
        labels: Sequence[str | None],
        scores: Sequence[float | None],
        width: int,
        height: int,
        tracks: Sequence[str] = (),
    ) -> Boxes:
        """Boxes from the columns of FiftyOne detections.

        Args:
            boxes: ``[x, y, w, h]`` relative to the frame; anything else becomes an invalid box,
                see `odd`.
            labels: class names or None.
            scores: confidences; None counts as 1.
            width: frame width in pixels.
            height: frame height in pixels.
            tracks: names of the source's own tracks, see `Boxes`.

        Example:
            >>> Boxes.from_relative([[0, 0, 0.5, 1]], ["dog"], [None], 640, 360).xyxy.tolist()
            [[0.0, 0.0, 320.0, 360.0]]
        """
        xyxy = corners(box_array(boxes) * [width, height, width, height])
        confidences = [1.0 if score is None else score for score in scores]
        made = cls.of(xyxy, confidences, [label or "" for label in labels])
        return replace(made, tracks=tuple(tracks)) if any(tracks) else made

    @classmethod
    def none(cls) -> Boxes:
        """The boxes of a frame that has none."""
        return cls.of([], [], [])

    def take(self, rows: ArrayLike) -> Boxes:
        """The boxes at the given row numbers, in that order."""
        rows = np.asarray(rows, int)
        labels = tuple(self.labels[i] for i in rows)
        tracks = tuple(self.tracks[i] for i in rows) if self.tracks else ()
        return Boxes(self.xyxy[rows], self.scores[rows], labels, tracks)

    @property
    def named(self) -> NDArray[np.bool_]:
        """(N,) which boxes belong to one of the source's own tracks."""
        if not self.tracks:
            return np.zeros(len(self), bool)
        return np.array([name != "" for name in self.tracks], bool)

    def without_tracks(self, names: Collection[str]) -> Boxes:
        """The boxes, where those of some of the source's own tracks belong to none."""
        return replace(self, tracks=tuple("" if n in names else n for n in self.tracks))

    def odd(self) -> NDArray[np.bool_]:
        """(N,) which boxes are invalid: not finite, or without an area."""
        return ~(are_boxes(self.xyxy) & np.isfinite(self.scores))


def box_array(boxes: Sequence[Sequence[float] | None]) -> NDArray[np.float64]:
    """Boxes as an array (N, 4); entries that do not have four numbers become rows of NaN."""
    missing = [float("nan")] * 4
    rows = [missing if box is None or len(box) != 4 else box for box in boxes]
    return np.array(rows, float).reshape(-1, 4)


def corners(xywh: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes (N, 4) ``[x, y, w, h]`` as ``[x1, y1, x2, y2]``."""
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)


def are_boxes(xyxy: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(N,) which rows of (N, 4) are finite and have an area."""
    finite = np.isfinite(xyxy).all(axis=1)
    return finite & (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])


def area(xyxy: NDArray[np.floating]) -> NDArray[np.floating]:
    """Areas of boxes (..., 4) in square pixels; 0 where a side is negative."""
    sides = np.clip(xyxy[..., 2:] - xyxy[..., :2], 0, None)
    return sides[..., 0] * sides[..., 1]


def clip(xyxy: NDArray[np.floating], width: int, height: int) -> NDArray[np.floating]:
    """Boxes (..., 4) clipped to a frame of `width` x `height` pixels."""
    return np.clip(xyxy, 0, np.array([width, height, width, height], xyxy.dtype))


def enlarge(xyxy: NDArray[np.floating], by: float) -> NDArray[np.floating]:
    """Boxes (..., 4) enlarged on each side by a share of their width or height.

    Example:
        >>> enlarge(np.array([10.0, 20, 20, 40]), 0.1).tolist()
        [9.0, 18.0, 21.0, 42.0]
    """
    margin = by * (xyxy[..., 2:] - xyxy[..., :2])
    return np.concatenate([xyxy[..., :2] - margin, xyxy[..., 2:] + margin], axis=-1)


def iou_matrix(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4).

    Returns:
        (N, M) in 0..1; two boxes without an area have IoU 0.

    Example:
        >>> a, b = np.array([[0., 0, 2, 2]]), np.array([[0., 0, 2, 2], [1, 0, 3, 2]])
        >>> iou_matrix(a, b).round(2).tolist()
        [[1.0, 0.33]]
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    intersection = area(np.concatenate([low, high], axis=-1))
    union = area(a)[:, None] + area(b)[None, :] - intersection
    return np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)


BLOCK = 512
"""Boxes that are compared with each other at a time, as memory grows with the square."""


def clean(
    boxes: Boxes,
    width: int,
    height: int,
    *,
    conf: float,
    max_boxes: int,
    classes: Sequence[str] | None,
    duplicate_iou: float,
    min_side: float,
    min_area: float,
) -> Boxes:
    """The boxes worth grounding: clipped to the frame, large and confident enough, no duplicates.

    Of two boxes with IoU above `duplicate_iou`, whatever their classes, the one with the lower
    score is dropped, unless it belongs to one of the source's own tracks.

    Args:
        boxes: boxes of a frame of `width` x `height` pixels.
        width: frame width in pixels.
        height: frame height in pixels.
        conf: lowest score to keep.
        max_boxes: most boxes to keep, best scores first.
        classes: labels to keep; None keeps all.
        duplicate_iou: IoU above which two boxes count as duplicates.
        min_side: shortest side in pixels.
        min_area: smallest area as a share of the frame.

    Returns:
        The kept boxes, best score first.
    """
    boxes = boxes.take(np.flatnonzero(~boxes.odd()))
    xyxy = clip(boxes.xyxy, width, height)
    boxes = replace(boxes, xyxy=xyxy)
    sides = xyxy[:, 2:] - xyxy[:, :2]
    keep = ~boxes.odd() & (boxes.scores >= conf)
    keep &= sides.min(axis=1, initial=np.inf) >= min_side
    keep &= area(xyxy) >= min_area * width * height
    if classes is not None:
        keep &= np.isin(np.array(boxes.labels, dtype=object), list(classes))
    order = np.argsort(-boxes.scores, kind="stable")
    boxes = boxes.take(order[keep[order]])
    return boxes.take(_distinct(boxes, max_boxes, duplicate_iou))


def _distinct(boxes: Boxes, most: int, duplicate_iou: float) -> list[int]:
    """Rows of the first boxes, at most `most`, that duplicate none before; see `clean`."""
    named = boxes.named
    chosen: list[int] = []
    for start in range(0, len(boxes), BLOCK):
        block = boxes.xyxy[start : start + BLOCK]
        alike = iou_matrix(block, block) > duplicate_iou
        taken = iou_matrix(block, boxes.xyxy[np.array(chosen, int)]) > duplicate_iou
        new: list[int] = []
        for i in range(len(block)):
            if len(chosen) + len(new) == most:
                break
            if named[start + i] or not (taken[i].any() or alike[i, new].any()):
                new.append(i)
        chosen += [start + i for i in new]
    return chosen
