"""Progress and stop request of a run, shared between processes.

Both are kept in a FiftyOne execution store of the dataset: a delegated run, the App and a notebook
can all access it, and reads are not cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import fiftyone as fo
import fiftyone.core.odm as foo
from fiftyone.operators.store import ExecutionStore

STORE = "e3m_runs"


@dataclass(frozen=True)
class Progress:
    """Progress of a run.

    Attributes:
        done: number of finished videos.
        total: number of videos in the run.
        at: when the last video was finished, ISO 8601 in UTC.
    """

    done: int
    total: int
    at: str

    @property
    def share(self) -> str:
        """How many videos are done, as a phrase."""
        return f"{self.done} of {self.total} videos done"

    def __str__(self) -> str:
        return f"{self.share}, last update {self.at}"


def request_stop(dataset: fo.Dataset, run_key: str) -> None:
    """Asks a run to stop before its next video."""
    store(dataset).set(f"{run_key}/stop", True)


def stop_requested(dataset: fo.Dataset, run_key: str) -> bool:
    """Whether the run was asked to stop."""
    return bool(store(dataset).get(f"{run_key}/stop"))


def note_progress(dataset: fo.Dataset, run_key: str, done: int, total: int) -> None:
    """Stores the progress of a run."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    store(dataset).set(f"{run_key}/progress", {"done": done, "total": total, "at": now})


def update_progress(dataset: fo.Dataset, run_key: str, done: int) -> None:
    """Changes the number of finished videos; stores nothing for a dataset that was deleted."""
    _change_progress(dataset, run_key, {"$set": {"value.done": done}})


def add_progress(dataset: fo.Dataset, run_key: str) -> None:
    """Counts one more finished video of a run, of which other tasks may finish some as well."""
    _change_progress(dataset, run_key, {"$inc": {"value.done": 1}})


def _change_progress(dataset: fo.Dataset, run_key: str, change: dict[str, dict[str, int]]) -> None:
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    at = {**change.get("$set", {}), "value.at": now}
    where = place(dataset, f"{run_key}/progress")
    foo.get_db_conn().execution_store.update_one(where, {**change, "$set": at})


def progress_of(dataset: fo.Dataset, run_key: str) -> Progress | None:
    """The last stored progress of a run; None if it never started."""
    value = store(dataset).get(f"{run_key}/progress")
    return Progress(**value) if value else None


def clear_stop(dataset: fo.Dataset, run_key: str) -> None:
    """Deletes the stop request of a run, once it has stopped or is continued."""
    store(dataset).delete(f"{run_key}/stop")


def forget(dataset: fo.Dataset, run_key: str) -> None:
    """Deletes all signals of a run whose record was deleted."""
    clear_stop(dataset, run_key)
    forget_shares(dataset, run_key)
    for key in (f"{run_key}/progress", at_work_key(run_key)):
        store(dataset).delete(key)


def at_work_key(run_key: str) -> str:
    """Where the videos are noted that a run is working on."""
    return f"{run_key}/at_work"


def shares_key(run_key: str) -> str:
    """Where the shares of a run are kept that several tasks do."""
    return f"{run_key}/shares"


def forget_shares(dataset: fo.Dataset, run_key: str) -> None:
    """Deletes the shares of a run, so that no further task does one."""
    store(dataset).delete(shares_key(run_key))


def place(dataset: fo.Dataset, key: str) -> dict[str, Any]:
    """Where the database keeps a key of the store of a dataset."""
    return {"store_name": STORE, "key": key, "dataset_id": dataset._doc.id}


def store(dataset: fo.Dataset) -> ExecutionStore:
    """The execution store of a dataset, which is deleted with the dataset."""
    return ExecutionStore.create(STORE, dataset._doc.id)
