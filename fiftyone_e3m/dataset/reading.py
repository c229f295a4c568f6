"""What a run reads: sentences and boxes from a dataset, metadata from a file."""

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
    """The sentences that each sample is asked; empty where its fields hold none."""
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

    A sampled frame whose field was never set (not: set to no detections) takes the boxes of the
    nearest labelled frame, if that lies no further than half a sampling step: boxes that were
    labelled sparsely need not lie on the frames that happen to be sampled.

    Args:
        samples: dataset or view; what a view does to the labels of the field counts.
        sample_id: the video.
        field: name of the frame field, without ``frames.``.
        video: the file.
        sampled: (T,) 0-based frame numbers.

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
    known = np.array(sorted(by_frame))
    reach = np.diff(sampled).min() / 2 if len(sampled) > 1 else 0
    found = []
    for t in sampled:
        nearest = known[np.abs(known - t).argmin()] if len(known) else None
        if nearest is None or abs(nearest - t) > reach:
            found.append(Boxes.none())
        else:
            found.append(Boxes.from_relative(*by_frame[nearest], video.width, video.height))
    return found


def labels_of(
    samples: fo.core.collections.SampleCollection, ids: Sequence[str], field: str
) -> fo.DatasetView:
    """Some samples with what a view does to their labels, but not with how it chose its samples.

    They were chosen when the run began; the choice may depend on a field that the run empties.

    Args:
        samples: dataset or view.
        ids: the samples, in order.
        field: path of the labels, such as ``frames.detections``.
    """
    view = samples._dataset.select(ids, ordered=True)
    for stage in samples._stages if isinstance(samples, fo.DatasetView) else ():
        changes_labels = isinstance(stage, CHANGES_LABELS) and _concerns(stage.field, field)
        if changes_labels or isinstance(stage, CHANGES_FRAMES):
            view = view.add_stage(stage)
    return view


def _concerns(path: str, field: str) -> bool:
    """Whether a path is that of a field or of something in it."""
    return path == field or path.startswith(f"{field}.")


def video_metadata(video: Video) -> fo.VideoMetadata:
    """FiftyOne's metadata of a video as decoded here; needs no ffprobe."""
    return fo.VideoMetadata(
        size_bytes=video.path.stat().st_size,
        mime_type=f"video/{video.path.suffix.lstrip('.').lower() or 'mp4'}",
        frame_width=video.width,
        frame_height=video.height,
        frame_rate=video.frame_rate,
        total_frame_count=video.frame_count,
        duration=video.duration,
    )
