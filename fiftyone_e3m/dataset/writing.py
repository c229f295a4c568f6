"""Output of a run: one video at a time, its status last, so that a killed run loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import fiftyone as fo
import fiftyone.core.odm as foo
import numpy as np
from bson import ObjectId
from pymongo.errors import BulkWriteError

from ..results import Answer, Status
from ..video import Video
from .labels import event_labels, query_labels, relevance_values, tube_labels
from .reading import video_metadata
from .schema import Fields
from .source_tracks import SourceTracks
from .stored import is_stored

LABELS_AT_ONCE = 5000
"""Maximum number of frame labels held before a write; each takes 9 KB. Every write first looks up
all frames of its video, so much smaller blocks would be slow."""
DUPLICATE = 11000
"""MongoDB's code for a document that exists."""


def write_answers(
    dataset: fo.Dataset,
    fields: Fields,
    sample_id: str,
    video: Video,
    answers: list[Answer],
    source: SourceTracks | None = None,
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
        source: the labels that the boxes come from, see `tube_labels`.
    """
    frames_at_once = max(1, LABELS_AT_ONCE // len(answers))

    def write(name: str, value: object) -> None:
        dataset.set_values(name, {sample_id: value}, key_field="id")

    def write_frames(name: str, values: Iterator[tuple[int, object]]) -> None:
        while block := dict(islice(values, frames_at_once)):
            try:
                write(f"frames.{name}", block)
            except ValueError as error:
                if not _are_there_by_now(error):
                    raise
                write(f"frames.{name}", block)

    unknown = dataset.select(sample_id).values("metadata") == [None]
    if unknown and not dataset.get_field("metadata").read_only:
        write("metadata", video_metadata(video))
    write_frames(fields.relevance, relevance_values(answers))
    write_frames(fields.tube, tube_labels(answers, video, source))
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


def take_back(dataset: fo.Dataset, fields: Fields, sample_id: str) -> None:
    """Removes what a write that failed has left of one video, in the database itself.

    The dataset, the sample or some of the fields may have been deleted during the write; values
    that are in no schema would make a dataset unreadable.
    """
    database, document = foo.get_db_conn(), dataset._doc
    samples = database[document.sample_collection_name]
    frames = database[document.frame_collection_name]
    if not is_stored(dataset):
        frames.drop()  # new frames make their collection anew
        return
    sample = {"_id": ObjectId(sample_id)}
    if samples.count_documents(sample):
        samples.update_one(sample, {"$unset": dict.fromkeys(fields.of_samples, "")})
        of_sample = {"_sample_id": sample["_id"]}
        frames.update_many(of_sample, {"$unset": dict.fromkeys(fields.of_frames, "")})
    else:
        frames.delete_many({"_sample_id": sample["_id"]})


def _are_there_by_now(error: ValueError) -> bool:
    """Whether frames could not be made because a run into other fields made them meanwhile."""
    cause = error.__cause__
    return isinstance(cause, BulkWriteError) and all(
        problem["code"] == DUPLICATE for problem in cause.details["writeErrors"]
    )
