"""Output of a run: one video at a time, its status last, so that a killed run loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import fiftyone as fo
import numpy as np

from ..results import Answer, Status
from ..video import Video
from .labels import event_labels, query_labels, relevance_values, tube_labels
from .reading import video_metadata
from .schema import Fields

LABELS_AT_ONCE = 5000
"""Maximum number of frame labels held before a write; each takes 9 KB. Every write first looks up
all frames of its video, so much smaller blocks would be slow."""


def write_answers(
    dataset: fo.Dataset, fields: Fields, sample_id: str, video: Video, answers: list[Answer]
) -> None:
    """Writes the tubes, relevance, events and confidence of one video: one bulk write per field.

    A video with more labels than `LABELS_AT_ONCE` is written in blocks of frames. The sample's
    metadata is written if it has none.

    Args:
        dataset: the dataset, with `fields` declared.
        fields: the fields to write.
        sample_id: the video's sample.
        video: the video file.
        answers: one per query.
    """
    frames_at_once = max(1, LABELS_AT_ONCE // len(answers))

    def write(name: str, value: object) -> None:
        dataset.set_values(name, {sample_id: value}, key_field="id")

    def write_frames(name: str, values: Iterator[tuple[int, object]]) -> None:
        while block := dict(islice(values, frames_at_once)):
            write(f"frames.{name}", block)

    if dataset.select(sample_id).values("metadata") == [None]:
        write("metadata", video_metadata(video))
    write_frames(fields.relevance, relevance_values(answers))
    write_frames(fields.tube, tube_labels(answers, video))
    if len(answers) > 1:
        write_frames(fields.queries, query_labels(answers))
    write(fields.events, event_labels(answers))
    write(fields.confidence, float(np.mean([answer.confidence for answer in answers])))


def write_status(
    dataset: fo.Dataset, fields: Fields, sample_id: str, status: Status, message: str
) -> None:
    """Marks a sample as done."""
    if message:
        dataset.set_values(fields.message, {sample_id: message}, key_field="id")
    dataset.set_values(fields.status, {sample_id: status}, key_field="id")
