"""What a request would answer for one video, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass

from fiftyone.core.collections import SampleCollection

from .dataset.checks import check_request
from .dataset.marks import read_marks
from .dataset.reading import read_queries
from .engines import OneVideo
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
        seconds: how long it took, without the loading of models.
    """

    video: Video
    timelines: tuple[Timeline, ...]
    notes: tuple[str, ...]
    seconds: float


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
    one = OneVideo(samples, sample_id[0], path[0], request)
    marks = read_marks(samples, sample_id, request).get(sample_id[0])
    windows, remarks = marks.windows(queries, one.video.frame_count) if marks else ((), [])
    answers, notes = one.ground(queries, windows)
    timelines = tuple(timeline_of(answer, i, one.video) for i, answer in enumerate(answers, 1))
    return Preview(one.video, timelines, tuple(remarks + notes), one.seconds)
