"""What a request still has to ground, so that nothing that a user made is overwritten."""

from __future__ import annotations

import json
from collections.abc import Sequence

import fiftyone as fo

from ..request import GroundingError, Request
from ..results import Status
from .runs import grounding_fields, interrupted_run, is_prepared
from .schema import Fields


def unfinished(dataset: fo.Dataset, request: Request, ids: list[str]) -> list[str]:
    """Ids of the samples still to be grounded.

    All samples in a new field or with `overwrite`. Samples without a status if an interrupted run
    with the same request is continued. Otherwise all samples, of which none may have results.

    Args:
        dataset: the dataset.
        request: what was asked for.
        ids: the samples that it was asked for.

    Raises:
        GroundingError: the fields have other types or are read-only; or no grounding run wrote
            them, or they hold results of another run on some of the samples, and `overwrite` is
            False.
    """
    fields = Fields(request.field)
    present = fields.present(dataset)
    run = interrupted_run(dataset, request.settings, ids)
    if present:
        _check_writable(dataset, fields)
        if fields.tube not in grounding_fields(dataset) and not request.overwrite:
            what = f"The dataset already has {_list(present)}, which no grounding run wrote."
            raise GroundingError(
                f"{what} Choose another field name, or pass overwrite=True to replace its values.",
                f"{what} Choose another field name, or tick 'Overwrite' to replace its values.",
            )
    if run is not None:
        return without(dataset, ids, fields.status) if is_prepared(dataset, run) else ids
    done = len(ids) - len(without(dataset, ids, fields.events)) if present else 0
    if done and not request.overwrite:
        what = f"'{fields.tube}' already holds a grounding on {done} of these {len(ids)} videos."
        raise GroundingError(
            f"{what} Pass overwrite=True to replace it, choose another field name, or ground only "
            f"videos not yet grounded: view.exists('{fields.events}', False).",
            f"{what} Tick 'Overwrite' to replace it, or 'Only videos not yet grounded', or choose "
            "another field name.",
        )
    return ids


def without(dataset: fo.Dataset, ids: list[str], field: str) -> list[str]:
    """The samples that have no value in a sample field."""
    if not dataset.has_field(field):
        return ids
    # not from the view, which may exclude the field
    missing = set(dataset.select(ids).exists(field, False).values("id"))
    return [sample_id for sample_id in ids if sample_id in missing]


def outcomes_of(
    dataset: fo.Dataset, fields: Fields, ids: list[str]
) -> list[tuple[str, Status, str]]:
    """Id, status and message of those of these samples that have a status."""
    if not {fields.status, fields.message} <= set(fields.present(dataset)):  # deleted meanwhile
        return []
    done = dataset.select(ids).exists(fields.status)
    rows = zip(*done.values(["id", fields.status, fields.message]), strict=True)
    return [(sample_id, status, message or "") for sample_id, status, message in rows]


def _check_writable(dataset: fo.Dataset, fields: Fields) -> None:
    mistyped, locked = fields.mistyped(dataset), fields.read_only(dataset)
    if mistyped:
        raise GroundingError(
            f"The dataset already has {_list(mistyped)}, which cannot hold a grounding. Choose "
            "another field name."
        )
    if locked:
        what = f"The dataset has {_list(locked)} as read-only. Choose another field name"
        raise GroundingError(
            f"{what}, or make it writable: field = dataset.get_field('{locked[0]}'); "
            "field.read_only = False; field.save().",
            f"{what}.",
        )


def _list(names: Sequence[str]) -> str:
    return json.dumps(list(names))[1:-1].replace('"', "'")
