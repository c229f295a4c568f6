"""What a run writes: one video at a time, its status last, so that a killed run loses nothing."""

from __future__ import annotations

import fiftyone as fo
import numpy as np

from ..results import Answer, Status
from ..video import Video
from .labels import event_labels, query_labels, relevance_values, tube_labels
from .reading import video_metadata
from .schema import Fields


def write_answers(
    dataset: fo.Dataset, fields: Fields, sample_id: str, video: Video, answers: list[Answer]
) -> None:
    """Writes the tubes, relevance, events and confidence of one video: one bulk write per field.

    The sample's metadata is filled in where it has none.

    Args:
        dataset: the dataset, with `fields` declared.
        fields: where to write.
        sample_id: the video's sample.
        video: the file.
        answers: one per query.
    """

    def write(name: str, value: object) -> None:
        dataset.set_values(name, {sample_id: value}, key_field="id")

    if dataset.select(sample_id).values("metadata") == [None]:
        write("metadata", video_metadata(video))
    write(f"frames.{fields.relevance}", relevance_values(answers))
    tube = tube_labels(answers, video)
    if tube:
        write(f"frames.{fields.tube}", tube)
    if len(answers) > 1:
        write(f"frames.{fields.queries}", query_labels(answers))
    write(fields.events, event_labels(answers))
    write(fields.confidence, float(np.mean([answer.confidence for answer in answers])))


def write_status(
    dataset: fo.Dataset, fields: Fields, sample_id: str, status: Status, message: str
) -> None:
    """Marks a sample as done."""
    if message:
        dataset.set_values(fields.message, {sample_id: message}, key_field="id")
    dataset.set_values(fields.status, {sample_id: status}, key_field="id")
