"""Input of a run: sentences and boxes from a dataset, metadata from a video file."""

from __future__ import annotations

from collections.abc import Sequence

import fiftyone as fo
import fiftyone.core.stages as fos
import numpy as np
from numpy.typing import NDArray

from ..boxes import Boxes
from ..request import Request, sentences
from ..video import Video

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
        T `Boxes` in pixels; a detection without a confidence scores 1.
    """
    path = f"frames.{field}.detections"
    columns = labels_of(samples, [sample_id], f"frames.{field}").values(
        ["frames.frame_number", f"{path}.bounding_box", f"{path}.label", f"{path}.confidence"]
    )
    by_frame = {
        number - 1: (b, names, confidences)
        for sample in zip(*columns, strict=True)
        for number, b, names, confidences in zip(*sample, strict=True)
        if b is not None
    }
    labelled = np.array(sorted(by_frame))
    reach = np.diff(sampled).min() / 2 if len(sampled) > 1 else 0
    sampled_boxes = []
    for t in sampled:
        nearest = labelled[np.abs(labelled - t).argmin()] if len(labelled) else None
        if nearest is None or abs(nearest - t) > reach:
            sampled_boxes.append(Boxes.none())
        else:
            boxes = Boxes.from_relative(*by_frame[nearest], video.width, video.height)
            sampled_boxes.append(boxes)
    return sampled_boxes


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
