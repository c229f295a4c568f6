"""What a request would answer for one video, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fiftyone.core.collections import SampleCollection

from .calibration import Applied
from .candidates import BoxSource, load_detector
from .dataset.checks import check_request
from .dataset.marks import read_marks
from .dataset.reading import read_boxes, read_queries
from .encoders import load_encoder
from .pipeline import Pipeline
from .request import GroundingError, Request
from .review.timelines import Timeline, timeline_of
from .video import Video


@dataclass(frozen=True)
class Preview:
    """What a request answers for one video.

    Attributes:
        video: the file.
        timelines: the answers, one per sentence.
        notes: sentences about anything unusual.
    """

    video: Video
    timelines: tuple[Timeline, ...]
    notes: tuple[str, ...]


def preview(samples: SampleCollection, request: Request) -> Preview:
    """Grounds the first of these videos and writes nothing.

    Args:
        samples: a video dataset or a view of one.
        request: what to do.

    Raises:
        GroundingError: the request cannot be carried out, or the video has no sentence.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
        VideoError: the video cannot be decoded.
    """
    check_request(samples, request)
    if not samples:
        raise GroundingError("There is no video to preview. Select one, or clear the view.")
    sample_id, path = samples.limit(1).values(["id", "filepath"])
    (queries,) = read_queries(samples.limit(1), request)
    if not queries:
        raise GroundingError(f"{path[0]} has no sentence in its fields. Select another video.")
    cache = request.open_cache()
    encoder = load_encoder(request.encoder, request.trust_remote_code)
    boxes: BoxSource
    if request.detector is None:
        boxes = partial(read_boxes, samples, sample_id[0], str(request.frame_boxes))
    else:
        boxes = load_detector(request.detector, request.trust_remote_code)
    video = Video.open(path[0])
    applied = Applied.of(encoder, request.config.contrast, cache is not None)
    pipeline = Pipeline(
        encoder, request.config, cache, request.overlap, calibration=applied.calibration
    )
    marks = read_marks(samples, sample_id, request).get(sample_id[0])
    windows, remarks = marks.windows(queries, video.frame_count) if marks else ((), [])
    answers, notes = pipeline.run(video, boxes, queries, windows)
    notices = [*filter(None, [encoder.notice]), *remarks, *applied.notices]
    timelines = tuple(timeline_of(answer, video) for answer in answers)
    return Preview(video, timelines, tuple(notices + notes))
