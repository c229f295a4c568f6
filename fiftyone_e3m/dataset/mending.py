"""Datasets in a state that FiftyOne cannot work with."""

from __future__ import annotations

import fiftyone as fo

from .annotation import withdraw
from .checks import events_fields
from .declaring import add_fields
from .schema import ORIGINAL_SUPPORT
from .stored import changing_schema


def mend(dataset: fo.Dataset) -> list[str]:
    """Mends what FiftyOne, or an earlier version, left in a dataset.

    Earlier versions declared the original supports of corrected events as frame supports. FiftyOne
    generates no label schema of any field then, and its *Annotate* tab loads for ever. They are
    declared as lists of integers; both types are stored alike.

    When a user deletes a frame field, FiftyOne 1.22 keeps its label schema, and then refuses every
    further change of fields. Such schemas are deleted.

    Args:
        dataset: a video dataset.

    Returns:
        The paths that were declared anew, and those of the deleted label schemas.

    Raises:
        GroundingError: another process does not end its change of the fields.
    """
    if not _supports(dataset) and not _left_over(dataset):
        return []
    with changing_schema(dataset):
        supports, left_over = _supports(dataset), _left_over(dataset)
        withdraw(dataset, left_over)
        dataset.remove_dynamic_sample_fields(supports)  # keeps the values
        add_fields(dataset, dict.fromkeys(supports, (fo.ListField, fo.IntField)))
    return supports + left_over


def _left_over(dataset: fo.Dataset) -> list[str]:
    """Label schemas of fields that do not exist."""
    schemas = getattr(dataset, "label_schemas", {})
    return [path for path in schemas if dataset.get_field(path) is None]


def _supports(dataset: fo.Dataset) -> list[str]:
    paths = [f"{field}.detections.{ORIGINAL_SUPPORT}" for field in events_fields(dataset)]
    return [path for path in paths if isinstance(dataset.get_field(path), fo.FrameSupportField)]
