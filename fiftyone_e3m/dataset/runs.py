"""Run records: what was asked, with which versions, how it went; from which a run is repeated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import fiftyone as fo

from ..results import GroundingSummary

METHOD = "e3m/ground"
PACKAGES = ("fiftyone", "open_clip_torch", "ultralytics-opencv-headless", "torch", "scikit-learn")


def fingerprint(settings: dict[str, Any], ids: Sequence[str]) -> str:
    """A short hash of everything that decides a run's results: the settings and the videos."""
    text = json.dumps([settings, sorted(ids)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def start_run(dataset: fo.Dataset, settings: dict[str, Any], ids: Sequence[str]) -> str:
    """Registers a run as running.

    Args:
        dataset: the dataset.
        settings: the arguments of `ground`, JSON-able.
        ids: the samples asked for.

    Returns:
        The key of the run record.
    """
    now = datetime.now(timezone.utc)
    stem = f"{settings['field']}_{now:%Y%m%d_%H%M%S}"
    key, n = stem, 1
    while dataset.has_run(key):
        key, n = f"{stem}_{n}", n + 1
    config = dataset.init_run(
        method=METHOD,
        state="running",
        settings=settings,
        fingerprint=fingerprint(settings, ids),
        versions=_versions(),
        started=now.isoformat(timespec="seconds"),
        n_videos=len(ids),
    )
    dataset.register_run(key, config)
    return key


def finish_run(dataset: fo.Dataset, summary: GroundingSummary) -> None:
    """Marks a run as finished and stores counts, times and what went wrong."""
    config = dataset.get_run_info(summary.run_key).config
    config.state = "finished"
    config.seconds = round(summary.seconds, 2)
    config.counts = summary.counts
    config.continued_after = summary.skipped
    config.notices = summary.notices
    config.problems = [
        {"filepath": video.filepath, "status": video.status, "message": video.message}
        for video in summary.not_ok
    ]
    dataset.update_run_config(summary.run_key, config)


def interrupted_run(
    dataset: fo.Dataset, settings: dict[str, Any], ids: Sequence[str]
) -> str | None:
    """The latest run into the same field, if it asked the same of the same and never finished."""
    runs = runs_of(dataset, settings["field"])
    latest = max(runs, key=lambda run: (run[1].started, run[0]), default=None)
    if latest is None:
        return None
    key, config = latest
    same = config.fingerprint == fingerprint(settings, ids)
    return key if same and config.state == "running" else None


def runs_of(dataset: fo.Dataset, field: str) -> Iterator[tuple[str, Any]]:
    """Key and configuration of all grounding runs into a field."""
    for key in dataset.list_runs(method=METHOD):
        config = dataset.get_run_info(key).config
        if config.settings["field"] == field:
            yield key, config


def grounding_fields(dataset: fo.Dataset) -> set[str]:
    """Names of the tube fields that grounding runs wrote."""
    infos = (dataset.get_run_info(key) for key in dataset.list_runs(method=METHOD))
    return {info.config.settings["field"] for info in infos}


def _versions() -> dict[str, str]:
    from .. import __version__

    versions = {"fiftyone_e3m": __version__}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
