"""Input of a run: sentences and boxes from a dataset, metadata from a video file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import fiftyone as fo
import fiftyone.core.stages as fos
import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from ..request import Request, sentences
from ..video import Video

IDENTITY = ("index", "instance._id")
"""Attributes of a detection that say which track it belongs to."""
CHANGES_LABELS = (fos.FilterLabels, fos.FilterField, fos.LimitLabels, fos.MapLabels, fos.SetField)
CHANGES_FRAMES = (fos.MatchFrames, fos.SelectLabels, fos.ExcludeLabels)


def read_queries(
    samples: fo.core.collections.SampleCollection, request: Request
) -> list[list[str]]:
    """The sentences to ground in each sample; empty where its fields hold none."""
    if request.query_field is None:
        return [request.queries] * len(samples)
    columns = [samples.values(name) for name in request.query_fields]
    return [
        sentences([text for value in row for text in sentences(value)])
        for row in zip(*columns, strict=True)
    ]


def read_boxes(
    samples: fo.core.collections.SampleCollection,
    sample_id: str,
    field: str,
    video: Video,
    sampled: NDArray[np.int64],
) -> list[Boxes]:
    """Boxes of a frame-level `Detections` field at the sampled frames of one video.

    A sampled frame whose field was never set (as opposed to set to no detections) takes the boxes
    of the nearest labelled frame, if that is at most half a sampling step away. Sparse labels
    need not lie on the sampled frames.

    Args:
        samples: dataset or view; the label filters of a view apply.
        sample_id: the video.
        field: name of the frame field, without ``frames.``.
        video: the video file.
        sampled: (T,) 0-based numbers of the sampled frames.

    Returns:
        T `Boxes` in pixels; a detection without a confidence scores 1. Those with an `instance` or
        an `index` have the name of their track, see `track_names`.
    """
    names = ("bounding_box", "label", "confidence", *IDENTITY)
    by_frame = {
        number - 1: (*columns[:3], tracks)
        for number, columns, tracks in read_tracks(samples, sample_id, field, names)
    }
    if not by_frame:
        return [Boxes.none() for _ in sampled]
    nearest_frames = _nearest(np.array(sorted(by_frame)), sampled)
    reach = np.diff(sampled).min() / 2 if len(sampled) > 1 else 0
    sampled_boxes = []
    for t, nearest in zip(sampled.tolist(), nearest_frames.tolist(), strict=True):
        if abs(nearest - t) > reach:
            sampled_boxes.append(Boxes.none())
        else:
            boxes, labels, scores, tracks = by_frame[nearest]
            width, height = video.width, video.height
            found = Boxes.from_relative(boxes, labels, scores, width, height, tracks)
            sampled_boxes.append(found)
    return sampled_boxes


def _nearest(values: NDArray[np.int64], to: NDArray[np.int64]) -> NDArray[np.int64]:
    """The nearest of ascending `values` (V,), at least one, `to` (N,) others; the lower of two."""
    after = np.searchsorted(values, to)
    below, above = values[np.maximum(after - 1, 0)], values[np.minimum(after, len(values) - 1)]
    return np.where(np.abs(to - below) <= np.abs(above - to), below, above)


def read_tracks(
    samples: fo.core.collections.SampleCollection,
    sample_id: str,
    field: str,
    attributes: Sequence[str],
) -> list[tuple[int, list[list[Any]], list[str]]]:
    """The labelled frames of a frame-level `Detections` field of one video, with their tracks.

    Args:
        samples: dataset or view; the label filters of a view apply.
        sample_id: the video.
        field: name of the frame field, without ``frames.``.
        attributes: what to read of each detection; must contain "label" and `IDENTITY`.

    Returns:
        The 1-based number of each frame whose field was set, the values of each attribute, and the
        names of the tracks, see `track_names`.
    """
    paths = [f"frames.{field}.detections.{name}" for name in attributes]
    view = labels_of(samples, [sample_id], f"frames.{field}")
    columns = view.values(["frames.frame_number", *paths])
    frames = [
        (number, values)
        for sample in zip(*columns, strict=True)
        for number, *values in zip(*sample, strict=True)
        if values[0] is not None
    ]
    at = [attributes.index(name) for name in ("label", *IDENTITY)]
    names = track_names([[values[i] for i in at] for _, values in frames])
    return [(*frame, tracks) for frame, tracks in zip(frames, names, strict=True)]


def track_names(frames: Sequence[Sequence[Sequence[Any]]]) -> list[list[str]]:
    """The names of the tracks of detections; an empty string for one that belongs to none.

    An `instance` names a track, or else an `index`. If an index occurs twice in a frame, all count
    within their class only: FiftyOne's SAM 3 counts the objects of each prompt from 0.

    Args:
        frames: for each frame the labels, indexes and instance ids of its detections.

    Example:
        >>> track_names([(["dog", "cat", "cat"], [0, 1, None], [None, None, None])])
        [['0', '1', '']]
        >>> track_names([(["dog", "cat", "cat"], [0, 0, None], [None, None, "6b08"])])
        [['dog 0', 'cat 0', '6b08']]
    """
    by_class = False
    for _, indexes, instances in frames:
        counted = [i for i, known in zip(indexes, instances, strict=True) if known is None]
        numbers = [i for i in counted if i is not None]
        by_class = by_class or len(set(numbers)) < len(numbers)

    def name(label: str | None, index: int | None, instance: object) -> str:
        if instance is not None:
            return str(instance)
        if index is None:
            return ""
        return f"{label or 'object'} {index}" if by_class else str(index)

    return [list(map(name, *columns)) for columns in frames]


def labels_of(
    samples: fo.core.collections.SampleCollection, ids: Sequence[str], *fields: str
) -> fo.DatasetView:
    """Some samples with the label filters of a view, but without its selection of samples.

    The samples were selected when the run started, and the selection may depend on a field that
    the run empties.

    Args:
        samples: dataset or view.
        ids: the samples, in order.
        fields: paths of the labels, such as ``frames.detections``.
    """
    view = samples._dataset.select(ids, ordered=True)
    for stage in samples._stages if isinstance(samples, fo.DatasetView) else ():
        changes_labels = isinstance(stage, CHANGES_LABELS) and any(
            _concerns(stage.field, field) for field in fields
        )
        if changes_labels or isinstance(stage, CHANGES_FRAMES):
            view = view.add_stage(stage)
    return view


def _concerns(path: str, field: str) -> bool:
    """Whether a path is a field or lies within it."""
    return path == field or path.startswith(f"{field}.")


def video_metadata(video: Video) -> fo.VideoMetadata:
    """FiftyOne metadata of a video, from our own decoder; needs no ffprobe."""
    return fo.VideoMetadata(
        size_bytes=video.path.stat().st_size,
        mime_type=f"video/{video.path.suffix.lstrip('.').lower() or 'mp4'}",
        frame_width=video.width,
        frame_height=video.height,
        frame_rate=video.frame_rate,
        total_frame_count=video.frame_count,
        duration=video.duration,
    )
