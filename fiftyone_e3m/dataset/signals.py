"""Progress of a run and the wish to stop it, for whoever looks on from another process.

Both live in a FiftyOne execution store of the dataset: a delegated run, the App and a notebook all
reach it, and nothing is cached on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import fiftyone as fo
from fiftyone.operators.store import ExecutionStore

STORE = "e3m_runs"


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        done: videos finished.
        total: videos of the run.
        at: when the last one was finished, ISO 8601 in UTC.
    """

    done: int
    total: int
    at: str

    @property
    def share(self) -> str:
        """How many are done, as half a sentence."""
        return f"{self.done} of {self.total} videos done"

    def __str__(self) -> str:
        return f"{self.share}, last heard of {self.at}"


def request_stop(dataset: fo.Dataset, run_key: str) -> None:
    """Asks a run to stop before its next video."""
    _store(dataset).set(f"{run_key}/stop", True)


def stop_requested(dataset: fo.Dataset, run_key: str) -> bool:
    """Whether somebody asked the run to stop."""
    return bool(_store(dataset).get(f"{run_key}/stop"))


def note_progress(dataset: fo.Dataset, run_key: str, done: int, total: int) -> None:
    """Tells how far a run is."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    _store(dataset).set(f"{run_key}/progress", {"done": done, "total": total, "at": now})


def progress_of(dataset: fo.Dataset, run_key: str) -> Progress | None:
    """How far a run is or was when it was last heard of; None if it never began."""
    value = _store(dataset).get(f"{run_key}/progress")
    return Progress(**value) if value else None


def clear_stop(dataset: fo.Dataset, run_key: str) -> None:
    """Forgets that a run was to stop: it is stopped, or goes on."""
    _store(dataset).delete(f"{run_key}/stop")


def forget(dataset: fo.Dataset, run_key: str) -> None:
    """Forgets all that is known of a run whose record is gone."""
    clear_stop(dataset, run_key)
    _store(dataset).delete(f"{run_key}/progress")


def _store(dataset: fo.Dataset) -> ExecutionStore:
    return ExecutionStore.create(STORE, dataset._doc.id)
