"""Run records: request, package versions and outcome; a run can be repeated from its record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import fiftyone as fo
from bson import json_util
from fiftyone.core.collections import SampleCollection

from ..request import Request
from ..results import GroundingSummary, VideoReport
from ..version import __version__
from .schema import Fields

METHOD = "e3m/ground"
PACKAGES = (
    "av",
    "fiftyone",
    "filterpy",
    "open_clip_torch",
    "scenedetect-headless",
    "scikit-learn",
    "torch",
    "ultralytics-opencv-headless",
)
"""Packages whose versions a run record holds, because they affect results."""


MAX_PROBLEMS = 1000
"""Most problems in a record, which may take 16 MB; the samples' messages have all of them."""
MAX_TEXT = 1000
"""Most characters of a path or message in a record."""


class RunEndedError(LookupError):
    """What a run writes to was deleted or taken over while it was active; the message says what."""


def start_run(
    samples: SampleCollection,
    settings: dict[str, Any],
    calibration: dict[str, Any] | None = None,
    device: str | None = None,
) -> str:
    """Registers a run as running; ``dataset.load_run_view(key)`` returns its samples.

    Args:
        samples: the samples to ground, selected so that the set is stable when fields change.
        settings: the arguments of `ground`, JSON-able.
        calibration: what is done to the confidences, see `calibration.Applied.record`; None, as in
            records of earlier versions, if that is not known.
        device: where the models run; None if that is not known.

    Returns:
        The key of the run record.
    """
    dataset = samples._dataset
    now = datetime.now(timezone.utc)
    stem = f"{settings['field']}_{now:%Y%m%d_%H%M%S}"
    key, n = stem, 1
    while dataset.has_run(key):
        key, n = f"{stem}_{n}", n + 1
    config = dataset.init_run(
        method=METHOD,
        state="running",
        settings=settings,
        versions=_versions(),
        started=now.isoformat(timespec="seconds"),
        n_videos=len(samples),
        calibration=calibration,
        device=device,
        prepared=False,
    )
    samples.register_run(key, config)
    return key


def is_prepared(dataset: fo.Dataset, key: str) -> bool:
    """Whether the fields of a run were declared and emptied, so that a status in them is its own.

    Earlier versions made the record only then.
    """
    return bool(getattr(dataset.get_run_info(key).config, "prepared", True))


def note_prepared(dataset: fo.Dataset, key: str) -> None:
    """Notes that the fields of a run were declared and emptied."""
    check_recorded(dataset, key)
    config = dataset.get_run_info(key).config
    config.prepared = True
    dataset.update_run_config(key, config)


def continue_run(dataset: fo.Dataset, key: str, device: str | None = None) -> dict[str, Any] | None:
    """Marks an interrupted run as running again.

    Args:
        dataset: the dataset.
        key: of the run record.
        device: where the models run from now on, which may be another device.

    Returns:
        What it does to its confidences; None if its record does not say.
    """
    check_recorded(dataset, key)
    config = dataset.get_run_info(key).config
    config.state = "running"
    config.device = device
    dataset.update_run_config(key, config)
    return calibration_of(config)


def finish_run(dataset: fo.Dataset, summary: GroundingSummary) -> None:
    """Marks a run as finished or stopped and stores counts, times and problems.

    Counts and times start when the run was last continued; problems are added to earlier ones.

    Raises:
        RunEndedError: the record no longer exists.
    """
    check_recorded(dataset, summary.run_key)
    config = dataset.get_run_info(summary.run_key).config
    config.state = "stopped" if summary.stopped else "finished"
    config.seconds = round(summary.seconds, 2)
    config.counts = summary.counts
    config.continued_after = summary.skipped
    config.notices = summary.notices
    now = {video.filepath[:MAX_TEXT] for video in summary.videos}
    known = getattr(config, "problems", [])
    before = [problem for problem in known if problem["filepath"] not in now]
    solved = len(known) - len(before)
    config.n_problems = getattr(config, "n_problems", len(known)) - solved + len(summary.not_ok)
    config.problems = (before + [_problem(video) for video in summary.not_ok])[:MAX_PROBLEMS]
    dataset.update_run_config(summary.run_key, config)


def _problem(video: VideoReport) -> dict[str, str]:
    values = {"filepath": video.filepath, "status": video.status, "message": video.message}
    return {name: value[:MAX_TEXT] for name, value in values.items()}


def add_correction(dataset: fo.Dataset, field: str, correction: dict[str, Any]) -> None:
    """Appends a user's correction to the latest run record of a field, if there is one."""
    dataset._reload()
    latest = latest_run(dataset, field)
    if latest:
        key, config = latest
        config.corrections = [*getattr(config, "corrections", []), correction]
        dataset.update_run_config(key, config)


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


def _versions() -> dict[str, str]:
    versions = {"fiftyone_e3m": __version__}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
