"""Datasets that an earlier version left in a state that FiftyOne cannot work with."""

from __future__ import annotations

import fiftyone as fo

from .checks import events_fields
from .schema import ORIGINAL_SUPPORT
from .stored import changing_schema


def mend(dataset: fo.Dataset) -> list[str]:
    """Declares the original supports of corrected events as lists of integers.

    Earlier versions declared them as frame supports. FiftyOne generates no label schema of any
    field then, and its *Annotate* tab loads for ever. Only the declaration changes; both types are
    stored alike.

    Args:
        dataset: a video dataset.

    Returns:
        The paths that were declared anew; empty if there was nothing to mend.

    Raises:
        GroundingError: another process does not end its change of the fields.
    """
    if not _broken(dataset):
        return []
    with changing_schema(dataset):
        broken = _broken(dataset)
        dataset.remove_dynamic_sample_fields(broken)  # keeps the values
        for path in broken:
            dataset.add_sample_field(path, fo.ListField, subfield=fo.IntField)
    return broken


def _broken(dataset: fo.Dataset) -> list[str]:
    paths = [f"{field}.detections.{ORIGINAL_SUPPORT}" for field in events_fields(dataset)]
    return [path for path in paths if isinstance(dataset.get_field(path), fo.FrameSupportField)]
