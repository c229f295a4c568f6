"""The end of a task's share of a run, and with the last one, that of the run."""

from __future__ import annotations

from typing import Any

import fiftyone as fo

from ..results import GroundingSummary
from .remaining import without
from .runs import asked_of, check_recorded
from .schema import Fields
from .shared_records import add_share, note_request, set_state
from .shares import ENDED, WAITING, Share, entry_of, field_of, in_work, stored_shares
from .signals import clear_stop, forget_shares, note_progress, shares_key, stop_requested, store
from .stored import changing_schema


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
        plan = stored_shares(dataset, share)
        if plan and not in_work(dataset, share, entry_of(plan, share)):
            _leave(dataset, share, "", None)


def _leave(
    dataset: fo.Dataset, share: Share, member: str, summary: GroundingSummary | None
) -> None:
    plan = stored_shares(dataset, share)
    if plan is None:  # somebody else closed or continued the run
        return
    entry_of(plan, share)["state"] = ENDED
    asked = list(asked_of(dataset, share.run))
    left = len(without(dataset, asked, Fields(field_of(dataset, share)).status))
    lasts = _lasts(dataset, share, plan)
    state = "running" if lasts else "stopped" if left else "finished"
    if not lasts and stop_requested(dataset, share.run):
        note_request(dataset, share.run)
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
        in_work(dataset, share, entry) or (entry["state"] == WAITING and not stopping)
        for entry in plan["shares"].values()
    )
