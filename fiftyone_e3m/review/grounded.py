"""Access to the labels that a grounding wrote, for later changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import fiftyone as fo

from ..dataset.checks import check_samples
from ..dataset.labels import SENTENCE, sentence_of
from ..dataset.naming import whole_sentences
from ..dataset.runs import grounding_fields
from ..dataset.schema import Fields
from ..request import GroundingError, check_text, shown


def known_grounding(dataset: fo.Dataset, field: str) -> Fields:
    """The fields of a grounding.

    Raises:
        GroundingError: no grounding run wrote to the field.
    """
    check_text("field", field)
    groundings = sorted(grounding_fields(dataset))
    if field not in groundings:
        raise GroundingError(
            f"There is no grounding in '{field}'. Groundings: {', '.join(groundings) or 'none'}."
        )
    return Fields(field)


def readable_grounding(dataset: fo.Dataset, field: str) -> Fields:
    """The fields of a grounding, checked for existence and type.

    Raises:
        GroundingError: no grounding run wrote to the field, or its fields were changed later.
    """
    fields = known_grounding(dataset, field)
    needed = (fields.events, f"frames.{fields.tube}", f"frames.{fields.relevance}")
    check_sound(dataset, fields, needed)
    return fields


def check_sound(dataset: fo.Dataset, fields: Fields, paths: Collection[str]) -> None:
    """Checks that some fields of a grounding exist and have their types.

    Raises:
        GroundingError: a field was deleted or replaced after it was written.
    """
    lost = set(paths) - set(fields.present(dataset)) | set(paths) & set(fields.mistyped(dataset))
    if lost:
        raise GroundingError(
            f"The grounding in '{fields.tube}' cannot be read: {', '.join(sorted(lost))} was "
            "deleted or has another type now. Ground the videos again."
        )


def check_whole(samples: Any) -> None:
    """Checks that an argument is a dataset or a view, of whole videos.

    Raises:
        GroundingError: it is something else, or holds clips, frames or patches.
    """
    check_samples(samples)
    if isinstance(samples, fo.DatasetView) and samples._is_generated:
        what = "This view holds clips, frames or patches."
        raise GroundingError(
            f"{what} Pass the videos that they come from.",
            f"{what} Show the videos that they come from in the grid.",
        )


def stored_sample(sample: Any) -> fo.Sample:
    """The dataset's own sample for a sample of a view.

    Raises:
        GroundingError: it is no sample, not in a dataset, or a clip of a video.
    """
    if not isinstance(sample, fo.Sample | fo.core.sample.SampleView):
        raise GroundingError(
            f"sample is {shown(sample)}, but it must be a sample of a dataset, such as "
            "dataset.first()."
        )
    if sample.dataset is None or sample.dataset._is_generated:
        what = "not in a dataset" if sample.dataset is None else "part of a video"
        raise GroundingError(f"This sample is {what}. Pass a whole video of a dataset.")
    return sample.dataset[sample.id]


def frame_labels(dataset: fo.Dataset, field: str, sample_id: str) -> dict[int, fo.Detections]:
    """The values of a frame field of `Detections` for a video, by 1-based frame number.

    Frames without a value are left out. The result is empty if the dataset has no such field.
    """
    if not dataset.has_frame_field(field):
        return {}
    columns = dataset.select(sample_id).values(["frames.frame_number", f"frames.{field}"])
    numbers, labels = (column[0] for column in columns)
    found = {n: value for n, value in zip(numbers, labels, strict=True) if value is not None}
    _name([box for at in found.values() for box in at.detections])
    return found


def _name(boxes: list[fo.Detection]) -> None:
    """Gives the boxes that a person drew, with a shortened label alone, the sentence that it means.

    See `whole_sentences`.
    """
    (sentences,) = whole_sentences(
        [[(box.label, box.get_attribute_value(SENTENCE, None)) for box in boxes]]
    )
    for box, sentence in zip(boxes, sentences, strict=True):
        if sentence != sentence_of(box):
            box[SENTENCE] = sentence


def of_sentence(labels: dict[int, fo.Detections], query: str) -> dict[int, list[fo.Detection]]:
    """The boxes of one sentence, by 1-based frame number; frames without one are left out."""
    by_frame = {
        n: [d for d in at.detections if sentence_of(d) == query] for n, at in labels.items()
    }
    return {n: boxes for n, boxes in by_frame.items() if boxes}


def event_labels(dataset: fo.Dataset, field: str, sample_id: str) -> fo.TemporalDetections:
    """The value of a sample field of `TemporalDetections` for a video; empty if there is none."""
    if not dataset.has_field(field):
        return fo.TemporalDetections()
    return dataset.select(sample_id).values(field)[0] or fo.TemporalDetections()
