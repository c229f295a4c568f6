"""Leases: the sole right to do something to a dataset for a while, kept in the database.

A lease is one document of the dataset's execution store, next to the progress and stop requests of
runs. Taking it is one atomic operation by the server's clock. It ends when it is released, when its
holder's process is gone (noticed on the same machine), or when it was not renewed in time. It goes
when the dataset goes, and the dataset's own documents do not hold it, so `save()` cannot undo it.
"""

from __future__ import annotations

import dataclasses
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import fiftyone as fo
import fiftyone.core.odm as foo
import psutil
from bson.codec_options import CodecOptions
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from .signals import STORE, store

SECONDS = 60
"""How long a lease lasts if it is not renewed."""
GLANCE = 0.05
"""Seconds between two looks at a lease that ends soon."""
JOURNALED = WriteConcern(w=1, j=True)
"""On the server's disk before it is acknowledged, and so is everything that was written before."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lease.

    Attributes:
        token: identifies the holder.
        purpose: what it is for, such as the key of a run; empty if that is not known yet.
        host: name of the machine.
        machine: the machine, since its last start.
        pid: the process.
        born: when the process started, in seconds since 1970.
        until: when the lease ends if it is not renewed, UTC.
        writers: those that are writing at this moment: the holder, or processes that share its
            token.
    """

    token: str
    purpose: str
    host: str
    machine: str
    pid: int
    born: float
    until: datetime
    writers: Sequence[str] = ()

    @classmethod
    def of(cls, document: dict[str, Any]) -> Holder:
        """The holder that a lease's document tells of."""
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{name: each for name, each in document["value"].items() if name in known})

    @property
    def gone(self) -> bool:
        """Whether its process no longer exists; False where that cannot be known from here."""
        if self.machine != _machine():
            return False
        try:
            process = psutil.Process(self.pid)
            ended = process.status() == psutil.STATUS_ZOMBIE
            return ended or abs(process.create_time() - self.born) > 1
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False

    def __str__(self) -> str:
        return (
            f"process {self.pid} on {self.host}; its claim lapses at {self.until:%H:%M:%S} UTC "
            "unless it is renewed"
        )


class Lease:
    """A lease of this process; it is not taken yet.

    Args:
        dataset: the dataset.
        name: what is leased, unique within the dataset.
        token: that of a lease which another process has taken and shares with this one.

    Attributes:
        token: identifies the holder.
    """

    def __init__(self, dataset: fo.Dataset, name: str, token: str | None = None) -> None:
        store(dataset)  # creates the index that makes `take` atomic
        self._where = {"store_name": STORE, "key": f"lease/{name}", "dataset_id": dataset._doc.id}
        self.token = token or uuid4().hex
        self._writer = uuid4().hex

    def take(self, purpose: str = "", even_if: Holder | None = None) -> Holder | None:
        """Takes the lease, unless another process holds it.

        Args:
            purpose: see `Holder`.
            even_if: takes it from this holder, unless that is writing at this moment.

        Returns:
            The other holder; None if the lease is taken.
        """
        holder = self._take(purpose, even_if.token if even_if else "", even_if_writing=False)
        if holder and holder.gone:
            holder = self._take(purpose, holder.token, even_if_writing=True)
        return holder

    def renew(self, writing: bool | None = None, **changes: object) -> bool:
        """Extends the lease; everything written before is then safe on the server's disk.

        Args:
            writing: whether this process begins a write, or has ended one; None if neither.
            changes: new values of attributes of `Holder`.

        Returns:
            Whether the lease was still held.
        """
        found = self._documents().update_one(
            {**self._where, "value.token": self.token},
            [{"$set": {"value": _set(self._writers(writing), **changes)}}],
        )
        return bool(found.matched_count)

    def release(self) -> None:
        """Ends the lease, if it is still held."""
        self._documents().delete_one({**self._where, "value.token": self.token})

    def holder(self) -> Holder | None:
        """Who holds the lease; None if nobody does any longer."""
        lasts = {"$expr": {"$gt": ["$value.until", "$$NOW"]}}
        found = self._documents().find_one({**self._where, **lasts})
        holder = Holder.of(found) if found else None
        return None if holder is None or holder.gone else holder

    def _take(self, purpose: str, other: str, even_if_writing: bool) -> Holder | None:
        idle = {"$eq": ["$value.writers", []]}
        free = [
            {"$eq": [{"$type": "$value"}, "missing"]},
            {"$lte": ["$value.until", "$$NOW"]},
            {"$and": [{"$eq": ["$value.token", other]}, {"$or": [even_if_writing, idle]}]},
        ]
        mine = _set(
            token=self.token,
            purpose=purpose,
            host=socket.gethostname(),
            machine=_machine(),
            pid=os.getpid(),
            born=psutil.Process().create_time(),
            writers=[],
        )
        values = {
            "value": {"$cond": [{"$or": free}, mine, "$value"]},
            "created_at": {"$ifNull": ["$created_at", "$$NOW"]},
            "policy": "persist",
        }
        try:
            found = self._documents().find_one_and_update(
                self._where, [{"$set": values}], upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:  # another process took it first, in the same moment
            return self._take(purpose, other, even_if_writing)
        holder = Holder.of(found)
        return None if holder.token == self.token else holder

    def _writers(self, writing: bool | None) -> dict[str, Any]:
        if writing is None:
            return {}
        change = "$setUnion" if writing else "$setDifference"
        return {"writers": {change: ["$value.writers", [self._writer]]}}

    @staticmethod
    def _documents() -> Any:
        return foo.get_db_conn().execution_store.with_options(
            write_concern=JOURNALED, codec_options=CodecOptions(tz_aware=True)
        )


def _set(*expressions: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The value of a lease with changes, extended by `SECONDS`, as an aggregation expression."""
    given = {name: {"$literal": value} for name, value in changes.items()}
    for expression in expressions:
        given |= expression
    until = {"$add": ["$$NOW", SECONDS * 1000]}
    return {"$mergeObjects": ["$value", {**given, "until": until}]}


@cache
def _machine() -> str:
    """Identifies this machine since its last start, and the container within which pids count."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:  # not Linux
        return f"{socket.gethostname()} {psutil.boot_time():.0f}"
    return f"{boot} {space}"
