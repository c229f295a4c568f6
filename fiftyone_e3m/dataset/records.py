"""Run records as they are made: request, package versions and outcome.

A run can be repeated from its record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..results import GroundingSummary, VideoReport
from ..version import __version__
from .runs import METHOD, calibration_of, check_recorded, latest_run

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


@contextmanager
def changed_record(dataset: fo.Dataset, key: str) -> Iterator[Any]:
    """The configuration in a run record, as it is stored now; changes to it are stored at the end.

    Raises:
        RunEndedError: the record no longer exists.
    """
    check_recorded(dataset, key)
    config = dataset.get_run_info(key).config
    yield config
    dataset.update_run_config(key, config)


def note_prepared(dataset: fo.Dataset, key: str) -> None:
    """Notes that the fields of a run were declared and emptied."""
    with changed_record(dataset, key) as config:
        config.prepared = True


def continue_run(dataset: fo.Dataset, key: str, device: str | None = None) -> dict[str, Any] | None:
    """Marks an interrupted run as running again.

    Args:
        dataset: the dataset.
        key: of the run record.
        device: where the models run from now on, which may be another device.

    Returns:
        What it does to its confidences; None if its record does not say.
    """
    with changed_record(dataset, key) as config:
        config.state = "running"
        config.device = device
    return calibration_of(config)


def finish_run(dataset: fo.Dataset, summary: GroundingSummary) -> None:
    """Marks a run as finished or stopped and stores counts, times and problems.

    Counts and times start when the run was last continued; problems are added to earlier ones.

    Raises:
        RunEndedError: the record no longer exists.
    """
    with changed_record(dataset, summary.run_key) as config:
        config.state = "stopped" if summary.stopped else "finished"
        config.seconds = round(summary.seconds, 2)
        config.counts = summary.counts
        config.continued_after = summary.skipped
        config.notices = summary.notices
        add_problems(config, summary)


def add_problems(config: Any, summary: GroundingSummary) -> None:
    """Adds the problems of a summary to those that are known; a video has its latest one."""
    now = {video.filepath[:MAX_TEXT] for video in summary.videos}
    known = getattr(config, "problems", [])
    before = [problem for problem in known if problem["filepath"] not in now]
    solved = len(known) - len(before)
    config.n_problems = getattr(config, "n_problems", len(known)) - solved + len(summary.not_ok)
    config.problems = (before + [_problem(video) for video in summary.not_ok])[:MAX_PROBLEMS]


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


def _versions() -> dict[str, str]:
    versions = {"fiftyone_e3m": __version__}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
