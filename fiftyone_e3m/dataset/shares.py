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
from ..results import GroundingSummary
from .claims import live_members
from .records import add_share, set_state
from .remaining import without
from .runs import asked_of, check_recorded, latest_run
from .schema import Fields
from .signals import clear_stop, forget_shares, note_progress, shares_key, stop_requested, store
from .stored import changing_schema

WAITING, ACTIVE, ENDED = "waiting", "active", "ended"


class ShareGoneError(GroundingError):
    """A share of a run is no longer there to be done; the message says why."""


@dataclass(frozen=True)
class Share:
    """What one task does of a run.

    Attributes:
        run: key of the run.
        token: that of the claim which the tasks of the run share.
        number: which share it is, from 1.
    """

    run: str
    token: str
    number: int


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
    return [Share(run, token, n) for n in numbers]


def ids_of(dataset: fo.Dataset, share: Share) -> list[str]:
    """Ids of the samples of a share; some may be deleted by now.

    Raises:
        ShareGoneError: the run was stopped, continued, deleted or ended.
    """
    ids: list[str] = _entry(_plan(dataset, share), share)["ids"]
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
    latest = latest_run(dataset, _field(dataset, share))
    if latest is None or latest[0] != share.run:
        raise _gone(share, "another run has written into its fields since")
    entry = _entry(plan, share)
    if entry["member"] != member and _in_work(dataset, share, entry):
        raise _gone(share, "another task does it")


def join(dataset: fo.Dataset, share: Share, member: str) -> None:
    """Notes which process does a share; no other process may change the shares at the same time.

    Raises:
        ShareGoneError: see `check_free`.
    """
    check_free(dataset, share, member)
    plan = _plan(dataset, share)
    _entry(plan, share).update(state=ACTIVE, member=member)
    store(dataset).set(shares_key(share.run), plan)


def leave(
    dataset: fo.Dataset, share: Share, member: str, summary: GroundingSummary | None = None
) -> None:
    """Ends a share, done or not; the last one to end closes the run record.

    That is so when no other share waits for a task, or is being done by a process that still
    renews the claim. The run is then finished if all its videos have a status, and else stopped.
    It may be repeated.

    Args:
        dataset: the dataset.
        share: the share.
        member: the process that did it.
        summary: what was done; None if that is nothing.

    Raises:
        GroundingError: another process does not end its change of the fields.
        RunEndedError: the record was deleted.
    """
    with changing_schema(dataset):
        check_recorded(dataset, share.run)
        _leave(dataset, share, member, summary)


def give_up(dataset: fo.Dataset, share: Share) -> None:
    """Ends a share whose task failed before it began, so that the run does not wait for it.

    Raises:
        GroundingError: another process does not end its change of the fields.
        RunEndedError: the record was deleted.
    """
    with changing_schema(dataset):
        check_recorded(dataset, share.run)
        plan = _stored(dataset, share)
        if plan and not _in_work(dataset, share, _entry(plan, share)):
            _leave(dataset, share, "", None)


def _leave(
    dataset: fo.Dataset, share: Share, member: str, summary: GroundingSummary | None
) -> None:
    plan = _stored(dataset, share)
    if plan is None:  # somebody else closed or continued the run
        return
    _entry(plan, share)["state"] = ENDED
    asked = list(asked_of(dataset, share.run))
    left = len(without(dataset, asked, Fields(_field(dataset, share)).status))
    lasts = _lasts(dataset, share, plan)
    state = "running" if lasts else "stopped" if left else "finished"
    if summary is None:
        set_state(dataset, share.run, state)
    else:
        add_share(dataset, member, summary, state)
    if lasts:
        store(dataset).set(shares_key(share.run), plan)
        return
    note_progress(dataset, share.run, len(asked) - left, len(asked))
    clear_stop(dataset, share.run)
    forget_shares(dataset, share.run)


def _lasts(dataset: fo.Dataset, share: Share, plan: dict[str, Any]) -> bool:
    """Whether another task still works on the run, or will."""
    stopping = stop_requested(dataset, share.run)
    return any(
        _in_work(dataset, share, entry) or (entry["state"] == WAITING and not stopping)
        for entry in plan["shares"].values()
    )


def _in_work(dataset: fo.Dataset, share: Share, entry: dict[str, Any]) -> bool:
    """Whether a process that is there, as far as can be known, does a share of the run."""
    if entry["state"] != ACTIVE:
        return False
    return entry["member"] in live_members(dataset, _field(dataset, share), share.token)


def _field(dataset: fo.Dataset, share: Share) -> str:
    """The tube field that a run writes."""
    field: str = dataset.get_run_info(share.run).config.settings["field"]
    return field


def _stored(dataset: fo.Dataset, share: Share) -> dict[str, Any] | None:
    """The shares of a run; None if it is over."""
    plan: dict[str, Any] | None = store(dataset).get(shares_key(share.run))
    return plan if plan and plan["token"] == share.token else None


def _plan(dataset: fo.Dataset, share: Share) -> dict[str, Any]:
    """The shares of a run; an error if it is over."""
    plan = _stored(dataset, share)
    if plan is None:
        raise _gone(share, "the run was stopped, continued, deleted or ended meanwhile")
    return plan


def _entry(plan: dict[str, Any], share: Share) -> dict[str, Any]:
    """What is stored of a share."""
    entry: dict[str, Any] | None = plan["shares"].get(str(share.number))
    if entry is None:
        raise _gone(share, "the run has fewer tasks")
    return entry


def _gone(share: Share, why: str) -> ShareGoneError:
    return ShareGoneError(
        f"Task {share.number} of the run '{share.run}' is no longer to be done: {why}. If videos "
        "are left, continue the run."
    )
