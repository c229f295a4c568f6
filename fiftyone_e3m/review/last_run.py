"""The last run of a dataset, as the App tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import fiftyone as fo

from ..dataset.runs import latest_run
from ..dataset.signals import Progress, progress_of, stop_requested

SILENCE = timedelta(minutes=10)
"""Longer than a video usually takes; a killed run cannot report that it ended."""


@dataclass(frozen=True)
class LastRun:
    """The most recently started run.

    Attributes:
        key: key of the run record.
        state: "running" (or killed), "stopped" or "finished".
        config: the run record.
        progress: progress of the run; None if it never started.
        stopping: whether it was asked to stop.
    """

    key: str
    state: str
    config: Any
    progress: Progress | None
    stopping: bool

    @property
    def seems_killed(self) -> bool:
        """Whether the state is "running" but the last update is older than `SILENCE`."""
        if self.state != "running" or self.progress is None:
            return False
        updated = datetime.fromisoformat(self.progress.at)
        return datetime.now(timezone.utc) - updated > SILENCE

    @property
    def problems(self) -> list[dict[str, str]]:
        """Videos that were not grounded: filepath, status, message."""
        return list(getattr(self.config, "problems", []))


def last_run(dataset: fo.Dataset, field: str | None = None) -> LastRun | None:
    """The most recently started grounding run: of all runs, or of a field's."""
    latest = latest_run(dataset, field)
    if latest is None:
        return None
    key, config = latest
    stopping = stop_requested(dataset, key)
    return LastRun(key, config.state, config, progress_of(dataset, key), stopping)
