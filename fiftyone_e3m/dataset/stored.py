"""The dataset as the database has it now, which other processes may have changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fiftyone as fo
import fiftyone.core.odm as foo

from ..request import GroundingError
from .leases import GLANCE, Lease

PATIENCE = 30.0
"""Seconds to wait for another process that changes the schema, which takes it less than one."""


def is_stored(dataset: fo.Dataset) -> bool:
    """Whether the dataset still exists."""
    known = {"_id": dataset._doc.id}
    return not dataset.deleted and foo.get_db_conn().datasets.count_documents(known) > 0


def stored_fields(dataset: fo.Dataset) -> set[str]:
    """Paths of all fields in the schema, as the database has it."""
    dataset._reload()
    of_frames = _paths(dataset._doc.frame_fields, "frames.")
    return {*_paths(dataset._doc.sample_fields), *of_frames}


@contextmanager
def changing_schema(dataset: fo.Dataset) -> Iterator[None]:
    """For changes of schema and run records: one process at a time, starting from the latest ones.

    FiftyOne writes the list of all fields back when it adds one, as this process knows it, and so
    would remove the fields of other processes.

    Raises:
        GroundingError: another process does not end its change.
    """
    lease, deadline = Lease(dataset, "schema"), time.monotonic() + PATIENCE
    while holder := lease.take("schema"):
        if time.monotonic() > deadline:
            raise GroundingError(
                f"The fields of '{dataset.name}' are being changed by {holder}. Try again then."
            )
        time.sleep(GLANCE)
    try:
        refresh(dataset)
        yield
    finally:
        lease.release()


def refresh(dataset: fo.Dataset) -> None:
    """Makes this process see the fields and run records that other processes added or deleted."""
    stored = stored_fields(dataset)
    of_frames = dataset.get_frame_field_schema(flat=True) or {}
    known = {*dataset.get_field_schema(flat=True), *(f"frames.{name}" for name in of_frames)}
    # in other cases this would only drop unsaved changes of the user's samples
    if any(".attributes." not in path for path in stored ^ known):
        dataset.reload()


def _paths(documents: list[Any], prefix: str = "") -> Iterator[str]:
    for document in documents or []:
        if not document.name.startswith("_"):
            yield prefix + document.name
            yield from _paths(document.fields, f"{prefix}{document.name}.")
