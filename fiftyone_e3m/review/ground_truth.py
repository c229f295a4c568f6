"""The ground-truth field for accepted tubes."""

from __future__ import annotations

import fiftyone as fo

from ..dataset.accepted import mark_accepted
from ..dataset.appearance import set_appearance
from ..dataset.checks import check_field_name
from ..dataset.declaring import add_fields, within
from ..dataset.labels import SENTENCE, name_of, sentence_of
from ..dataset.runs import grounding_fields
from ..dataset.schema import INDEX, TUBE_ATTRIBUTES, Fields
from ..dataset.stored import changing_schema
from ..request import GroundingError
from .grounded import of_sentence

VOUCHED_FOR = ("keyframe", "class_name")
"""Attributes of a tube's boxes that are true of the object as well."""


def check_target(dataset: fo.Dataset, into: str) -> None:
    """Checks that a field can hold ground truth, whether it exists or not.

    Raises:
        GroundingError: FiftyOne reserves the name, or the field holds something else.
    """
    check_field_name(into)
    target = Fields(into)
    paths = {f"frames.{target.tube}", target.events}
    for name in sorted(grounding_fields(dataset)):
        if paths & set(Fields(name).types):
            raise GroundingError(
                f"'{into}' belongs to the grounding '{name}'. Choose another field for the ground "
                "truth."
            )
    for path in sorted(paths & set(target.mistyped(dataset))):
        raise GroundingError(
            f"'{path}' does not hold {target.types[path].__name__}. Choose another "
            "field for the ground truth."
        )


def declare_target(dataset: fo.Dataset, target: Fields) -> None:
    """Adds the ground-truth fields to the schema, unless they exist."""
    with changing_schema(dataset):
        path = f"frames.{target.tube}"
        keyframe = f"{path}.detections.keyframe"
        add_fields(dataset, {name: target.types[name] for name in (path, target.events)})
        if not dataset.has_field(keyframe) or not dataset.count_values(keyframe).get(True):
            mark_accepted(dataset, target.tube)
        attributes = {name: TUBE_ATTRIBUTES[name] for name in (*VOUCHED_FOR, SENTENCE)}
        index = within(target.events, {INDEX: fo.IntField})
        add_fields(dataset, within(path, attributes) | index)
        set_appearance(dataset, target.tube)


def vouched_for(box: fo.Detection, instance: fo.Instance) -> fo.Detection:
    """Copies a box of a tube as ground truth with its mask, without `confidence` and `source`."""
    return fo.Detection(
        **name_of(box),
        bounding_box=box.bounding_box,
        mask=box.mask,
        mask_path=box.mask_path,
        index=box.index,
        instance=instance,
        **{name: box.get_attribute_value(name, None) for name in VOUCHED_FOR},
    )


def vouched_event(event: fo.TemporalDetection) -> fo.TemporalDetection:
    """Copies an event as ground truth."""
    index = event.get_attribute_value(INDEX, None)
    return fo.TemporalDetection(label=event.label, support=event.support, index=index)


def without(
    truth: dict[int, fo.Detections], events: fo.TemporalDetections, query: str
) -> dict[int, fo.Detections]:
    """Takes a sentence out of the ground truth; returns the labels of the frames that had it."""
    events.detections = [event for event in events.detections if event.label != query]
    changed = {number: truth[number] for number in of_sentence(truth, query)}
    for labels in changed.values():
        labels.detections = [box for box in labels.detections if sentence_of(box) != query]
    return changed
