"""A ground-truth field that accepted tubes go to."""

from __future__ import annotations

import fiftyone as fo

from ..dataset.checks import check_field_name
from ..dataset.runs import grounding_fields
from ..dataset.schema import TUBE_ATTRIBUTES, Fields
from ..request import GroundingError


def check_target(dataset: fo.Dataset, into: str) -> None:
    """Checks that a field can hold a ground truth, whether it is there or not.

    Raises:
        GroundingError: FiftyOne reserves the name, or it holds something else.
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
            f"'{path}' holds something else than {target.types[path].__name__}. Choose another "
            "field for the ground truth."
        )


def declare_target(dataset: fo.Dataset, target: Fields) -> None:
    """Adds a ground truth to the schema, as far as it is not there."""
    target.add(dataset, f"frames.{target.tube}")
    target.add(dataset, target.events)
    dataset.add_frame_field(f"{target.tube}.detections.keyframe", TUBE_ATTRIBUTES["keyframe"])


def vouched_for(box: fo.Detection, instance: fo.Instance) -> fo.Detection:
    """A box of a tube as ground truth: without `confidence` and `source`."""
    return fo.Detection(
        label=box.label,
        bounding_box=box.bounding_box,
        index=box.index,
        instance=instance,
        keyframe=box.get_attribute_value("keyframe", None),
    )
