"""The smallest set of keyframes from which a tube can be interpolated.

Annotation tools interpolate linearly between keyframes: each box corner moves at a constant speed.
A frame need not be a keyframe if the interpolated box is close enough to the tube's own box.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .boxes import area

TOLERANCE = 0.9
"""Lowest IoU of an interpolated box with the tube's own."""
LONGEST_STEP = 48
"""Maximum distance of two keyframes, in frames, up to which the smallest set is guaranteed."""

ROUNDING = 1e-9
"""Tolerance for floating-point error of the IoU, so that linear motion holds at tolerance 1."""


def thin(frames: ArrayLike, boxes: ArrayLike, tolerance: float = TOLERANCE) -> NDArray[np.bool_]:
    """The smallest set of keyframes from which linear interpolation restores a tube.

    The set is a shortest path over the pairs of frames, up to `LONGEST_STEP` frames apart, between
    which interpolation holds, and therefore minimal. Where keyframes can lie farther apart, the
    result is thinned again, and may have a few keyframes too many. The usual greedy method, which
    steps as far as possible each time, keeps hardly more keyframes of a hand-drawn tube (29 instead
    of 28) but a fifth more of a randomly moving one; and every keyframe is work for an annotator.

    Args:
        frames: (N,) ascending frame numbers. Nothing is interpolated across a gap.
        boxes: (N, 4) xyxy, in any unit. A box without an area is a keyframe, except at tolerance 0.
        tolerance: lowest IoU, 0..1, of an interpolated box with the tube's own.

    Returns:
        (N,) whether each frame is a keyframe; the frames at the ends and next to gaps always are.

    Raises:
        ValueError: shapes do not match, frames do not ascend, or `tolerance` is not within 0..1.

    Example:
        >>> boxes = [[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [10, 0, 20, 10]]
        >>> thin([1, 2, 3, 4], boxes)
        array([ True, False,  True,  True])
    """
    frames, boxes = _checked(frames, boxes)
    if not 0 <= tolerance <= 1:
        raise ValueError(f"expected a tolerance within 0..1, got {tolerance}")
    keys = np.zeros(len(frames), bool)
    for part in segments(frames):
        keys[part.start + _thinned(boxes[part], tolerance - ROUNDING)] = True
    return keys


def interpolate(frames: ArrayLike, boxes: ArrayLike, keyframes: ArrayLike) -> NDArray[np.float64]:
    """The tube as an annotation tool restores it from its keyframes.

    Args:
        frames: (N,) ascending frame numbers, at least one.
        boxes: (N, 4) xyxy; only those of keyframes are used.
        keyframes: (N,) whether each frame is a keyframe, from `thin`.

    Returns:
        (N, 4) xyxy.

    Raises:
        ValueError: shapes do not match, frames do not ascend, or the first or last frame of a
            segment is not a keyframe.
    """
    frames, boxes = _checked(frames, boxes)
    keys = np.asarray(keyframes, bool)
    ends = [end for part in segments(frames) for end in (part.start, part.stop - 1)]
    if keys.shape != frames.shape or not keys[ends].all():
        raise ValueError("expected a keyframe at the first and last frame of every segment")
    key_frames, key_boxes = frames[keys], boxes[keys]
    columns = [np.interp(frames, key_frames, column) for column in key_boxes.T]
    return np.stack(columns, axis=1)


def segments(frames: NDArray[np.int64]) -> list[slice]:
    """The segments of a tube without gaps in the frame numbers, in order.

    Example:
        >>> segments(np.array([3, 4, 5, 9]))
        [slice(0, 3, None), slice(3, 4, None)]
    """
    if len(frames) == 0:
        return []
    starts = [0, *(np.flatnonzero(np.diff(frames) > 1) + 1).tolist(), len(frames)]
    return [slice(*ends) for ends in pairwise(starts)]


def paired_iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Element-wise IoU of two arrays of boxes (..., 4); 0 where neither box has an area."""
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    union = area(a) + area(b) - shared
    return np.divide(shared, union, out=np.zeros(union.shape), where=union > 0)


def _checked(frames: ArrayLike, boxes: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    numbers, xyxy = np.asarray(frames, np.int64), np.asarray(boxes, np.float64).reshape(-1, 4)
    if numbers.shape != (len(xyxy),) or (np.diff(numbers) <= 0).any():
        raise ValueError("expected ascending frame numbers, one per box")
    return numbers, xyxy


def _thinned(boxes: NDArray[np.float64], tolerance: float) -> NDArray[np.int64]:
    """Row indices of the keyframes of a segment."""
    rows, before = np.arange(len(boxes)), len(boxes) + 1
    while len(rows) < before:
        before = len(rows)
        rows = _fewest(boxes, rows, tolerance)
    return rows


def _fewest(
    boxes: NDArray[np.float64], rows: NDArray[np.int64], tolerance: float
) -> NDArray[np.int64]:
    """The fewest of `rows` that restore all boxes: a shortest path from the first to the last."""
    n_keys, via = np.zeros(len(rows), int), np.arange(len(rows)) - 1
    steps = np.arange(1, min(LONGEST_STEP, len(rows) - 1) + 1)
    holds = np.zeros((len(rows), len(steps)), bool)  # by end row and step
    for step in steps:
        holds[step:, step - 1] = _line_holds(boxes, rows[:-step], rows[step:], tolerance)
    for end in range(1, len(rows)):
        starts = end - steps[holds[end]]
        via[end] = starts[n_keys[starts].argmin()]
        n_keys[end] = n_keys[via[end]] + 1
    path = [len(rows) - 1]
    while path[-1] > 0:
        path.append(via[path[-1]])
    return rows[path[::-1]]


def _line_holds(
    boxes: NDArray[np.float64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    tolerance: float,
) -> NDArray[np.bool_]:
    """(L,) whether interpolation between each start and end restores every box in between.

    Tests the middle, then the quarters, then the eighths: most lines fail early.
    """
    columns = np.ascontiguousarray(boxes.T)  # NumPy is faster on contiguous columns
    holds = np.zeros(len(ends), bool)
    lines, gaps, parts = np.arange(len(ends)), ends - starts, 1
    while len(lines):
        done = gaps[lines] <= parts
        holds[lines[done]] = True
        lines, parts = lines[~done], parts * 2
        first, gap = starts[lines, None], gaps[lines, None]
        at = np.rint(gap * np.arange(1, parts, 2) / parts).astype(int)
        from_box = columns.take(first, axis=1)
        motion = columns.take(first + gap, axis=1) - from_box
        line = np.moveaxis(from_box + motion * (at / gap), 0, -1)
        own = np.moveaxis(columns.take(first + at, axis=1), 0, -1)
        lines = lines[(paired_iou(line, own) >= tolerance).all(axis=1)]
    return holds
