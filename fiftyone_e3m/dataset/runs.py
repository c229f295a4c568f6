"""What run records tell: which runs there are, what they asked for, and which were interrupted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import fiftyone as fo
from bson import json_util

from ..request import Request
from .schema import Fields

METHOD = "e3m/ground"


class RunEndedError(LookupError):
    """What a run writes to was deleted or taken over while it was active; the message says what."""


def is_prepared(dataset: fo.Dataset, key: str) -> bool:
    """Whether the fields of a run were declared and emptied, so that a status in them is its own.

    Earlier versions made the record only then.
    """
    return bool(getattr(dataset.get_run_info(key).config, "prepared", True))


def corrected_supports(dataset: fo.Dataset, field: str) -> dict[tuple[str, str], tuple[int, int]]:
    """First and last frame that the last correction gave each event, by sample id and sentence."""
    runs = sorted(runs_of(dataset, field), key=_age)
    records = (c for _, config in runs for c in getattr(config, "corrections", []))
    return {(c["sample_id"], c["query"]): (c["support"][0], c["support"][1]) for c in records}


def check_recorded(dataset: fo.Dataset, key: str) -> None:
    """Reloads the run records, which another process may have changed, and checks for a key.

    Raises:
        RunEndedError: the record no longer exists.
    """
    dataset._reload()
    if not dataset.has_run(key):
        raise run_deleted(key)


def run_deleted(key: str) -> RunEndedError:
    """The error for a run without a record."""
    return RunEndedError(f"The run '{key}' was deleted while it was running, so it ended early.")


def interrupted_run(
    dataset: fo.Dataset, settings: dict[str, Any], ids: Sequence[str]
) -> str | None:
    """The latest run into the same field, if it is unfinished and has the same request and samples.

    Videos that were deleted from the dataset since it started are ignored, and so are parameters
    that its version did not have yet.
    """
    latest = latest_run(dataset, settings["field"])
    if latest is None:
        return None
    key, config = latest
    if config.state == "finished" or Request.from_settings(config.settings).settings != settings:
        return None
    return key if asked_of(dataset, key) == set(ids) else None


def asked_of(dataset: fo.Dataset, key: str) -> set[str]:
    """Ids of the samples that a run was to ground and that the dataset still has."""
    stages = [json_util.loads(stage) for stage in dataset._doc.runs[key].view_stages or []]
    if stages and stages[0]["_cls"].endswith(".Select"):
        stages = stages[:1]  # see `labels_of`: later ones filter labels, whose field may be gone
    return set(fo.DatasetView._build(dataset, stages).values("id"))


def latest_run(dataset: fo.Dataset, field: str | None = None) -> tuple[str, Any] | None:
    """Key and configuration of the most recently started run: of all runs, or of a field's."""
    return max(runs_of(dataset, field), key=_age, default=None)


def run_of_each(
    dataset: fo.Dataset, field: str, ids: Collection[str]
) -> dict[str, tuple[str, Any]]:
    """Key and configuration of the latest run into a field that was to ground each sample, by id.

    Samples that no recorded run was to ground are left out.
    """
    latest: dict[str, tuple[str, Any]] = {}
    left = set(ids)
    for run in sorted(runs_of(dataset, field), key=_age, reverse=True):
        if not left:
            break
        mine = left & asked_of(dataset, run[0])
        latest |= dict.fromkeys(mine, run)
        left -= mine
    return latest


def calibration_of(config: Any) -> dict[str, Any] | None:
    """What a run does to its confidences; None if its record does not say."""
    calibration: dict[str, Any] | None = getattr(config, "calibration", None)
    return calibration


def runs_of(dataset: fo.Dataset, field: str | None = None) -> Iterator[tuple[str, Any]]:
    """Key and configuration of all grounding runs, or of those into a field."""
    for key in dataset.list_runs(method=METHOD):
        config = dataset.get_run_info(key).config
        if field is None or config.settings["field"] == field:
            yield key, config


def candidate_fields(dataset: fo.Dataset) -> set[str]:
    """Names of the frame fields that grounding runs took their boxes from."""
    fields = {config.settings["boxes_field"] for _, config in runs_of(dataset)}
    return fields - {None}


def marks_fields(dataset: fo.Dataset) -> set[str]:
    """Names of the fields of events that grounding runs took their times from."""
    fields = {config.settings.get("events_field") for _, config in runs_of(dataset)}
    return fields - {None}


def grounding_fields(dataset: fo.Dataset) -> set[str]:
    """Names of the tube fields of groundings.

    Those that grounding runs wrote, and those that have all fields of a grounding with their types:
    a copy of a dataset or of its samples has no run records.
    """
    recorded = {config.settings["field"] for _, config in runs_of(dataset)}
    tubes = dataset.get_frame_field_schema(embedded_doc_type=fo.Detections) or {}
    return recorded | {name for name in tubes if Fields(name).complete(dataset)}


def _age(run: tuple[str, Any]) -> tuple[str, str]:
    """What runs are ordered by, the oldest first."""
    key, config = run
    return config.started, key
