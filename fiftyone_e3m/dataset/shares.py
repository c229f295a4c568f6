"""The shares of a run that several tasks do together: whose they are, and what became of them.

They are kept in one entry of the dataset's execution store while the run lasts. The statuses of the
videos, and no share, decide in the end whether the run is finished.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import fiftyone as fo

from ..request import GroundingError
from .claims import live_members
from .runs import latest_run
from .signals import shares_key, store

WAITING, ACTIVE, ENDED = "waiting", "active", "ended"


class ShareGoneError(GroundingError):
    """A share of a run is no longer there to be done; the message says why."""


@dataclass(frozen=True)
class Share:
    """What one task does of a run.

    Attributes:
        run: key of the run.
        token: that of the claim which the tasks of the run share.
        name: which share it is: its number from 1, or the operation that does it.
    """

    run: str
    token: str
    name: str


@dataclass(frozen=True)
class Sibling:
    """A task among those into which FiftyOne itself has divided an operation.

    It sees no samples but its own, and does not know how many tasks there are.

    Attributes:
        parent: the operation that was divided.
        name: the operation of this task.
    """

    parent: str
    name: str

    @property
    def token(self) -> str:
        """That of the claim which all tasks of the parent share."""
        return f"operation {self.parent}"


@dataclass(frozen=True)
class Division:
    """That a run is to be divided; the task that begins it does the first share.

    Attributes:
        n_tasks: number of tasks; there are never more than videos.
        queue: called with each other share once the fields are ready; has a task do it.
    """

    n_tasks: int
    queue: Callable[[Share], object]


def divide(
    dataset: fo.Dataset, run: str, token: str, member: str, ids: Sequence[str], n_tasks: int
) -> list[Share]:
    """Divides the videos of a run; the first share is this process's own.

    Args:
        dataset: the dataset.
        run: key of the run.
        token: of the claim that its tasks share.
        member: what identifies this process there.
        ids: the samples that are left to ground; neighbours go to different tasks.
        n_tasks: number of tasks.

    Returns:
        The shares; at least one, and no others without a video.
    """
    numbers = range(1, max(1, min(n_tasks, len(ids))) + 1)
    shares = {
        str(n): {"ids": list(ids[n - 1 :: len(numbers)]), "state": WAITING, "member": ""}
        for n in numbers
    }
    shares["1"] |= {"state": ACTIVE, "member": member}
    store(dataset).set(shares_key(run), {"token": token, "shares": shares})
    return [Share(run, token, str(n)) for n in numbers]


def ids_of(dataset: fo.Dataset, share: Share) -> list[str]:
    """Ids of the samples of a share; some may be deleted by now.

    Raises:
        ShareGoneError: the run was stopped, continued, deleted or ended.
    """
    ids: list[str] = entry_of(_plan(dataset, share), share)["ids"]
    return ids


def check_free(dataset: fo.Dataset, share: Share, member: str = "") -> None:
    """Checks that a share may be done: for the first time, or as the task that did it has ended.

    Args:
        dataset: the dataset.
        share: the share.
        member: a process that may have begun it already.

    Raises:
        ShareGoneError: the run is over, another one wrote into the field since, or another task
            does the share.
    """
    plan = _plan(dataset, share)
    latest = latest_run(dataset, field_of(dataset, share))
    if latest is None or latest[0] != share.run:
        raise _gone(share, "another run has written into its fields since")
    entry = entry_of(plan, share)
    if entry["member"] != member and in_work(dataset, share, entry):
        raise _gone(share, "another task does it")


def join(dataset: fo.Dataset, share: Share, member: str) -> None:
    """Notes which process does a share; no other process may change the shares at the same time.

    Raises:
        ShareGoneError: see `check_free`.
    """
    check_free(dataset, share, member)
    plan = _plan(dataset, share)
    entry_of(plan, share).update(state=ACTIVE, member=member)
    store(dataset).set(shares_key(share.run), plan)


def add(dataset: fo.Dataset, share: Share, ids: Sequence[str], member: str) -> None:
    """Adds a share to a run, of which this may be the first; see `join`.

    Args:
        dataset: the dataset.
        share: the share.
        ids: its samples.
        member: the process that does it.
    """
    plan = stored_shares(dataset, share) or {"token": share.token, "shares": {}}
    plan["shares"][share.name] = {"ids": list(ids), "state": ACTIVE, "member": member}
    store(dataset).set(shares_key(share.run), plan)


def in_work(dataset: fo.Dataset, share: Share, entry: dict[str, Any]) -> bool:
    """Whether a process that is there, as far as can be known, does a share of the run."""
    if entry["state"] != ACTIVE:
        return False
    return entry["member"] in live_members(dataset, field_of(dataset, share), share.token)


def field_of(dataset: fo.Dataset, share: Share) -> str:
    """The tube field that a run writes."""
    field: str = dataset.get_run_info(share.run).config.settings["field"]
    return field


def stored_shares(dataset: fo.Dataset, share: Share) -> dict[str, Any] | None:
    """The shares of a run; None if it is over."""
    plan: dict[str, Any] | None = store(dataset).get(shares_key(share.run))
    return plan if plan and plan["token"] == share.token else None


def _plan(dataset: fo.Dataset, share: Share) -> dict[str, Any]:
    """The shares of a run; an error if it is over."""
    plan = stored_shares(dataset, share)
    if plan is None:
        raise _gone(share, "the run was stopped, continued, deleted or ended meanwhile")
    return plan


def entry_of(plan: dict[str, Any], share: Share) -> dict[str, Any]:
    """What is stored of a share."""
    entry: dict[str, Any] | None = plan["shares"].get(share.name)
    if entry is None:
        raise _gone(share, "the run has fewer tasks")
    return entry


def _gone(share: Share, why: str) -> ShareGoneError:
    return ShareGoneError(
        f"Task {share.name} of the run '{share.run}' is no longer to be done: {why}. If videos "
        "are left, continue the run."
    )
