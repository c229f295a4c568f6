"""The ground-truth field for accepted tubes."""

from __future__ import annotations

import fiftyone as fo

from ..dataset.checks import check_field_name
from ..dataset.runs import grounding_fields
from ..dataset.schema import TUBE_ATTRIBUTES, Fields
from ..dataset.stored import changing_schema
from ..request import GroundingError

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
        target.add(dataset, f"frames.{target.tube}")
        target.add(dataset, target.events)
        for name in VOUCHED_FOR:
            dataset.add_frame_field(f"{target.tube}.detections.{name}", TUBE_ATTRIBUTES[name])


def vouched_for(box: fo.Detection, instance: fo.Instance) -> fo.Detection:
    """Copies a box of a tube as ground truth with its mask, without `confidence` and `source`."""
    return fo.Detection(
        label=box.label,
        bounding_box=box.bounding_box,
        mask=box.mask,
        mask_path=box.mask_path,
        index=box.index,
        instance=instance,
        **{name: box.get_attribute_value(name, None) for name in VOUCHED_FOR},
    )
