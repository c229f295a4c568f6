"""A claim on the fields of a grounding: of all processes, one at a time writes into them.

The tasks of one run are one holder: they share a token, and each joins with a heartbeat of its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from threading import Event, Thread

import fiftyone as fo
from pymongo.errors import PyMongoError

from ..request import GroundingError
from .holders import Holder
from .leases import GLANCE, SECONDS, Lease

HEARTBEAT = SECONDS / 6
PATIENCE = 30.0
"""Seconds to wait for the end of a write; that of a video takes about one."""

logger = logging.getLogger(__name__)


class Claim(AbstractContextManager["Claim"]):
    """The claim on a field of a grounding; while it is entered, a thread renews it.

    Args:
        dataset: the dataset.
        field: name of the tube field.
        stopping: keys of runs that were asked to stop: the field is taken from them, between two
            of their writes.
        token: that of a claim of other processes: entered, this process joins them; without, it
            only writes for them.
    """

    def __init__(
        self,
        dataset: fo.Dataset,
        field: str,
        stopping: Collection[str] = (),
        token: str | None = None,
    ) -> None:
        self._field, self._stopping = field, stopping
        self._lease, self._ended = Lease(dataset, _name(field), token), Event()

    @property
    def token(self) -> str:
        """What other processes need to write under this claim."""
        return self._lease.token

    @property
    def member(self) -> str:
        """What identifies this process among those that share the claim."""
        return self._lease.member

    def __enter__(self) -> Claim:
        """Claims the field, or joins those who have the token.

        Raises:
            GroundingError: another process has claimed it.
        """
        holder, deadline = self._lease.take(), time.monotonic() + PATIENCE
        while holder and holder.purpose in self._stopping and time.monotonic() <= deadline:
            holder = self._lease.take(even_if=holder)
            time.sleep(GLANCE if holder else 0)
        if holder:
            raise _refusal(self._field, holder)
        Thread(target=self._keep_up, name="e3m-claim", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        """Gives the field back."""
        self._ended.set()
        try:
            self._lease.release()
        except PyMongoError as problem:
            logger.warning("The claim on '%s' lapses by itself: %s", self._field, problem)

    def name(self, run_key: str) -> bool:
        """Says which run the claim is for; False if the claim was lost."""
        return self._lease.renew(purpose=run_key)

    def keep(self) -> bool:
        """Puts all that was written on the server's disk; False if the claim was lost."""
        return self._lease.renew()

    def begin(self) -> bool:
        """Announces a write, during which the field is not taken; False if the claim was lost."""
        return self._lease.renew(writing=True)

    def end(self) -> bool:
        """Ends a write, once it is on the server's disk; False if the claim was lost."""
        return self._lease.renew(writing=False)

    def _keep_up(self) -> None:
        while not self._ended.wait(HEARTBEAT):
            try:
                self._lease.renew()
            except PyMongoError as error:
                logger.warning("The claim on '%s' could not be renewed: %s", self._field, error)


def claimed_by(dataset: fo.Dataset, field: str) -> Holder | None:
    """Who has claimed a field; None if nobody has."""
    return Lease(dataset, _name(field)).holder()


def live_members(dataset: fo.Dataset, field: str, token: str) -> set[str]:
    """Which processes share a claim at this moment, see `Claim.member`."""
    return Lease(dataset, _name(field), token).live()


def check_unclaimed(
    dataset: fo.Dataset, field: str, stopping: Collection[str] = (), token: str | None = None
) -> None:
    """Checks that no process is writing into a field.

    Args:
        dataset: the dataset.
        field: name of the tube field.
        stopping: keys of runs that do not count, as they were asked to stop.
        token: that of a claim that does not count, as this process may join it.

    Raises:
        GroundingError: one is; the message names it.
    """
    holder = claimed_by(dataset, field)
    if holder and holder.purpose not in stopping and holder.token != token:
        raise _refusal(field, holder)


def _name(field: str) -> str:
    return f"field/{field}"


def _refusal(field: str, holder: Holder) -> GroundingError:
    if not holder.purpose:
        return GroundingError(
            f"Another process has just begun to write into '{field}': {holder}. Wait until it has "
            "ended, or choose another field name."
        )
    what = (
        f"The run '{holder.purpose}' is writing into '{field}': {holder}. Wait until it has ended"
    )
    return GroundingError(
        f"{what}, stop it with request_stop(dataset, '{holder.purpose}'), or choose another field "
        "name.",
        f"{what}, stop it with 'Stop the grounding run', or choose another field name.",
    )
