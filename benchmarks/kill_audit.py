"""What a fault has done to a dataset, against a run that nothing happened to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import fiftyone as fo
import fiftyone.core.odm as foo

from fiftyone_e3m.dataset.claims import claimed_by
from fiftyone_e3m.dataset.schema import Fields

Content = dict[str, list[Any]]
"""The results of each video, by name: status, events, and boxes and relevance per frame."""


@dataclass(frozen=True)
class Damage:
    """What is wrong, counted.

    Attributes:
        losses: videos without the result that they must have, and values that were not ours.
        duplicates: videos done twice, frames and run records that are there twice.
        half_written: videos with a part of a result.
        strays: fields and values that no run owns, claims of ended runs, lost collections.
    """

    losses: int = 0
    duplicates: int = 0
    half_written: int = 0
    strays: int = 0

    def __add__(self, other: Damage) -> Damage:
        return Damage(
            self.losses + other.losses,
            self.duplicates + other.duplicates,
            self.half_written + other.half_written,
            self.strays + other.strays,
        )

    def __bool__(self) -> bool:
        return self != Damage()

    def __str__(self) -> str:
        return (
            f"losses {self.losses}, duplicates {self.duplicates}, half-written tubes "
            f"{self.half_written}, stray fields {self.strays}"
        )


def content(dataset: fo.Dataset, field: str = "e3m") -> Content:
    """The results in a field, without ids."""
    names = Fields(field)
    rows: Content = {}
    for sample in dataset.iter_samples():
        boxes = {
            number: [[d.label, d.bounding_box, d.confidence, d.index] for d in tube.detections]
            for number, frame in sample.frames.items()
            if (tube := frame[names.tube]) is not None
        }
        relevance = {number: frame[names.relevance] for number, frame in sample.frames.items()}
        each = {number: frame[names.queries] for number, frame in sample.frames.items()}
        asked = [[c.confidence for c in v.classifications] if v else None for v in each.values()]
        events = sample[names.events]
        spans = (
            [[e.label, list(e.support), e.confidence] for e in events.detections] if events else []
        )
        rows[sample.filename] = [
            sample[names.status],
            spans,
            sorted(boxes.items()),
            sorted(relevance.items()),
            asked,
        ]
    return rows


def audit(
    dataset: fo.Dataset,
    expected: Content,
    field: str = "e3m",
    n_records: int = 1,
    fields: Collection[str] = ("e3m",),
    absent: Collection[str] = (),
) -> Damage:
    """Compares a dataset with what it must hold.

    Args:
        dataset: the dataset after a fault.
        expected: the results that each video must have.
        field: name of the tube field.
        n_records: number of run records that there must be.
        fields: tube fields of all groundings that there must be.
        absent: names of videos that were deleted.
    """
    dataset.reload()
    found = content(dataset, field)
    left = {name: rows for name, rows in expected.items() if name not in absent}
    half = sum(
        1
        for name, rows in found.items()
        if rows[0] is None and any(_is_something(r) for r in rows[1:])
    )
    wrong = sum(found.get(name) != rows for name, rows in left.items()) + len(found.keys() - left)
    wrong += sum(value != "mine" for value in dataset.values("note"))
    records = [key for key in dataset.list_runs() if key.startswith(f"{field}_2")]
    return Damage(
        losses=max(0, wrong - half),
        duplicates=abs(len(records) - n_records) + _twins(dataset),
        half_written=half,
        strays=strays(dataset, fields),
    )


def strays(dataset: fo.Dataset, fields: Collection[str]) -> int:
    """Values in no schema, fields of no grounding, frames of no sample, and claims that stayed."""
    database, document = foo.get_db_conn(), dataset._doc
    owned = {path for name in fields for path in Fields(name).types}
    schema = {
        *dataset.get_field_schema(),
        *(f"frames.{n}" for n in dataset.get_frame_field_schema()),
    }
    count = sum(path.removeprefix("frames.").startswith("e3m") for path in schema - owned)
    samples = list(database[document.sample_collection_name].find())
    frames = list(database[document.frame_collection_name].find())
    ids = {sample["_id"] for sample in samples}
    stored = {name for sample in samples for name in sample}
    stored |= {f"frames.{name}" for frame in frames for name in frame}
    count += sum(not path.removeprefix("frames.").startswith("_") for path in stored - schema)
    count += sum(frame["_sample_id"] not in ids for frame in frames)
    return count + sum(claimed_by(dataset, name) is not None for name in fields)


def _twins(dataset: fo.Dataset) -> int:
    frames = foo.get_db_conn()[dataset._doc.frame_collection_name].find()
    times = Counter((frame["_sample_id"], frame["frame_number"]) for frame in frames)
    return sum(n - 1 for n in times.values())


def _is_something(rows: Any) -> bool:
    """Whether a part of a result holds anything but None."""
    if isinstance(rows, list | tuple):
        return any(_is_something(row) for row in rows if not isinstance(row, int))
    return rows is not None
