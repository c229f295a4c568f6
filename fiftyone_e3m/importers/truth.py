"""Mapping of annotated boxes to a tube on the frames of a video: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..boxes import are_boxes, box_array, corners

SAME_RATE = 0.02
"""Relative difference up to which two frame rates, or two lengths, count as equal."""


@dataclass(frozen=True, eq=False)
class Track:
    """Annotated boxes of one object.

    Attributes:
        frames: (N,) 0-based frame numbers, ascending.
        xyxy: (N, 4) corners in pixels of the annotation; NaN unless the box has four numbers.
    """

    frames: NDArray[np.int64]
    xyxy: NDArray[np.float64]

    @classmethod
    def of(cls, frames: Sequence[int], xywh: Sequence[Sequence[float] | None]) -> Track:
        """Makes a track from boxes ``[x, y, w, h]`` in pixels."""
        return cls(np.asarray(frames, int), corners(box_array(xywh)))


@dataclass(frozen=True, eq=False)
class TrueTube:
    """A tube on the frames of a video.

    Attributes:
        begin: 0-based first frame of the event.
        end: the frame after the last one.
        frames: (N,) 0-based frames of the event that have a box.
        xyxy: (N, 4) corners relative to the frame, in 0..1.
        remarks: kind (a key of `report.KEPT`) and text of each change.
    """

    begin: int
    end: int
    frames: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    remarks: tuple[tuple[str, str], ...]


def fit_tube(
    track: Track,
    event: tuple[int, int],
    size: tuple[int, int],
    n_frames: int,
    offset: int = 0,
    rate: float = 1.0,
) -> TrueTube:
    """Maps an annotated tube to the frames of a video.

    Boxes are clipped to the frame, and invalid boxes are dropped. A frame between two annotated
    frames gets the linear interpolation of their boxes. Frames before the first or after the last
    annotated frame stay without a box.

    Args:
        track: the boxes.
        event: 0-based first frame and the one after the last, as annotated.
        size: width and height that the boxes refer to, in pixels.
        n_frames: number of frames of the video.
        offset: frame of the scaled annotation at which the video starts.
        rate: frames of the video per annotated frame.

    Returns:
        The tube; ``begin >= end`` if the event is outside the video.

    Example:
        >>> track = Track.of([2, 4], [[0, 0, 10, 10], [4, 0, 10, 10]])
        >>> tube = fit_tube(track, (2, 5), size=(20, 20), n_frames=10)
        >>> tube.frames.tolist(), tube.xyxy[:, 0].tolist()
        ([2, 3, 4], [0.0, 0.1, 0.2])
    """
    remarks = []
    begin, end = (round(frame * rate) - offset for frame in event)
    inside = max(begin, 0), min(end, n_frames)
    if inside != (begin, end):
        remarks.append(("event_cut", f"frames {_span(begin, end)} of {n_frames}"))
    track, of_boxes = _clean(track, event, size)
    remarks += of_boxes
    frames = np.arange(*inside)
    at = (frames + offset) / rate
    if len(track.frames):
        # after scaling, the first and last frame may lie slightly outside the annotated range
        reach = 0 if rate == 1 else max(1, 1 / rate)
        near = (at >= track.frames[0] - reach) & (at <= track.frames[-1] + reach)
        boxes = np.stack([np.interp(at, track.frames, side) for side in track.xyxy.T], axis=1)
        remarks += _gaps(track, at, near)
        frames, boxes = frames[near], boxes[near]
    else:
        frames, boxes = frames[:0], np.empty((0, 4))
    return TrueTube(*inside, frames, boxes / np.tile(size, 2), tuple(remarks))


def rate_between(annotated: tuple[float, int], real: tuple[float, int]) -> float:
    """Frames of a real video per annotated frame.

    This differs from 1 only if frame rate and number of frames differ by the same factor, that is,
    if the video was re-encoded at another rate. If only one of them differs, frame numbers are
    still valid.

    Args:
        annotated: frame rate and number of frames in the annotation.
        real: frame rate and number of frames of the file.

    Example:
        >>> rate_between((30, 600), (25, 500)), rate_between((30, 600), (29.97, 599))
        (0.8333..., 1.0)
        >>> rate_between((30, 600), (30, 450)), rate_between((22.5, 450), (30, 450))
        (1.0, 1.0)
    """
    by_rate, by_count = real[0] / annotated[0], real[1] / annotated[1]
    scaled = abs(by_count - 1) > SAME_RATE and abs(by_rate / by_count - 1) <= SAME_RATE
    return by_rate if scaled else 1.0


def _clean(
    track: Track, event: tuple[int, int], size: tuple[int, int]
) -> tuple[Track, list[tuple[str, str]]]:
    """The boxes, clipped to the frame, and remarks on the boxes of the event."""
    remarks = []
    of_event = (track.frames >= event[0]) & (track.frames < event[1])
    xyxy = np.clip(track.xyxy, 0, np.tile(size, 2))
    kept = are_boxes(xyxy)
    dropped = track.frames[of_event & ~kept]
    if len(dropped):
        remarks.append(("boxes_dropped", f"{len(dropped)}, first in frame {dropped[0] + 1}"))
    changed = of_event & kept & (xyxy != track.xyxy).any(axis=1)
    if changed.any():
        first = int(np.flatnonzero(changed)[0])
        box = track.xyxy[first].tolist()
        text = f"{changed.sum()}, first in frame {track.frames[first] + 1}: {box} in {size}"
        remarks.append(("boxes_cut", text))
    return Track(track.frames[kept], xyxy[kept]), remarks


def _gaps(track: Track, at: NDArray[np.float64], near: NDArray[np.bool_]) -> list[tuple[str, str]]:
    """Remarks on the frames of an event that have no annotated box."""
    remarks = []
    annotated = np.isin(np.round(at), track.frames)
    between = int((near & ~annotated).sum())
    if between:
        remarks.append(("boxes_interpolated", f"{between} of {len(at)} frames"))
    ends = int((~near).sum())
    if ends:
        remarks.append(("boxes_missing", f"{ends} of {len(at)} frames"))
    return remarks


def _span(begin: int, end: int) -> str:
    """A half-open span of 0-based frames as text: 1-based, inclusive."""
    return f"{begin + 1} to {end}"
