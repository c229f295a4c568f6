"""The dataset as the database has it now, which other processes may have changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import fiftyone as fo
import fiftyone.core.odm as foo

from ..request import FRAMES, GroundingError
from .leases import GLANCE, Lease

PATIENCE = 30.0
"""Seconds to wait for another process that changes the schema, which takes it less than one."""


@dataclass(frozen=True)
class Stored:
    """What the database has of a dataset.

    Attributes:
        fields: paths of all fields in its schema.
        runs: keys of its runs.
    """

    fields: frozenset[str]
    runs: frozenset[str]


def stored(dataset: fo.Dataset) -> Stored | None:
    """What the database has of a dataset; None if it was deleted.

    FiftyOne's own way reads and builds all of the dataset, which takes many times as long.
    """
    parts = {"sample_fields": 1, "frame_fields": 1, "runs": 1}
    document = foo.get_db_conn().datasets.find_one({"_id": dataset._doc.id}, parts)
    if dataset.deleted or document is None:
        return None
    of_frames = _paths(document.get("frame_fields"), FRAMES)
    fields = frozenset([*_paths(document["sample_fields"]), *of_frames])
    return Stored(fields, frozenset(document.get("runs") or ()))


def is_stored(dataset: fo.Dataset) -> bool:
    """Whether the dataset still exists."""
    return stored(dataset) is not None


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
    dataset._reload()
    in_database = stored(dataset)  # none if it was deleted since
    of_frames = dataset.get_frame_field_schema(flat=True) or {}
    known = {*dataset.get_field_schema(flat=True), *(f"frames.{name}" for name in of_frames)}
    # in other cases this would only drop unsaved changes of the user's samples
    if in_database and any(".attributes." not in path for path in in_database.fields ^ known):
        dataset.reload()


def _paths(documents: list[dict[str, Any]] | None, prefix: str = "") -> Iterator[str]:
    for document in documents or []:
        name = document["name"]
        if not name.startswith("_"):
            yield prefix + name
            yield from _paths(document.get("fields"), f"{prefix}{name}.")
