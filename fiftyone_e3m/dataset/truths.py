"""Which fields of boxes look like ground truth, of which a grounding would choose its answers."""

from __future__ import annotations

import re

import fiftyone as fo

from .checks import boxes_fields

TRUE = re.compile(
    r"(?<![a-z])(gts?|ground_?truths?|truths?|true|gold(en)?|reference|annotat(ed|ions?)|accepted"
    r"|human|manual)(?![a-z])"
)
"""Words in the names of fields whose boxes people have drawn or checked."""


def truth_like(dataset: fo.Dataset) -> set[str]:
    """Names of the frame fields of `Detections` that look like ground truth.

    Those whose name says so, and those that another field was evaluated against.
    """
    evaluated = {
        str(getattr(dataset.get_evaluation_info(key).config, "gt_field", "")).removeprefix(
            "frames."
        )
        for key in dataset.list_evaluations()
    }
    return {name for name in boxes_fields(dataset) if name in evaluated or sounds_true(name)}


def sounds_true(name: str) -> bool:
    """Whether the name of a field says that its boxes are true.

    Example:
        >>> sounds_true("ground_truth"), sounds_true("gt2"), sounds_true("strue_detections")
        (True, True, False)
    """
    return TRUE.search(name.lower()) is not None
