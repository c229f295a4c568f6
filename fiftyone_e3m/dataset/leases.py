"""Leases: the sole right to do something to a dataset for a while, kept in the database.

A lease is one document of the dataset's execution store, next to the progress and stop requests of
runs. Taking it is one atomic operation by the server's clock. It ends when it is released, when its
holder's process is gone (noticed on the same machine), or when it was not renewed in time. It goes
when the dataset goes, and the dataset's own documents do not hold it, so `save()` cannot undo it.

Processes with the same token share a lease: it is theirs until the last of them is gone.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import fiftyone as fo
import fiftyone.core.odm as foo
from bson.codec_options import CodecOptions
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from .holders import Holder, this_process
from .signals import place, store

SECONDS = 60
"""How long a lease lasts if it is not renewed."""
GLANCE = 0.05
"""Seconds between two looks at a lease that ends soon."""
JOURNALED = WriteConcern(w=1, j=True)
"""On the server's disk before it is acknowledged, and so is everything that was written before."""


class Lease:
    """A lease of this process; it is not taken yet.

    Args:
        dataset: the dataset.
        name: what is leased, unique within the dataset.
        token: that of a lease which other processes share with this one; None for a new one.

    Attributes:
        token: identifies the holder.
        member: identifies this process among those that share the lease.
    """

    def __init__(self, dataset: fo.Dataset, name: str, token: str | None = None) -> None:
        store(dataset)  # creates the index that makes `take` atomic
        self._where = place(dataset, f"lease/{name}")
        self.token = token or uuid4().hex
        self.member, self._taken = uuid4().hex, False

    def take(self, purpose: str = "", even_if: Holder | None = None) -> Holder | None:
        """Takes the lease, or joins those with the same token, unless another process holds it.

        Args:
            purpose: see `Holder`; that of the others where it joins them.
            even_if: takes it from this holder, unless that is writing at this moment.

        Returns:
            The other holder; None if the lease is taken.
        """
        holder = self._take(purpose, even_if.token if even_if else "", even_if_writing=False)
        if holder and holder.gone:
            holder = self._take(purpose, holder.token, even_if_writing=True)
        self._taken = holder is None
        return holder

    def renew(self, writing: bool | None = None, **changes: object) -> bool:
        """Extends the lease; everything written before is then safe on the server's disk.

        Args:
            writing: whether this process begins a write, or has ended one; None if neither.
            changes: new values of attributes of `Holder`.

        Returns:
            Whether the lease was still held.
        """
        mine = self._joined() if self._taken else {}
        found = self._documents().update_one(
            {**self._where, "value.token": self.token},
            [{"$set": {"value": _set(mine, self._writers(writing), **changes)}}],
        )
        return bool(found.matched_count)

    def release(self) -> None:
        """Ends the lease, or leaves those who share it, if it is still held."""
        found = self._documents().find_one({**self._where, "value.token": self.token})
        members = Holder.of(found).members if found else {}
        left = [name for name, member in members.items() if name == self.member or member.gone]
        mine = {**self._where, "value.token": self.token}
        if left:
            writers = {"$setDifference": ["$value.writers", left]}
            away = [f"value.members.{name}" for name in left]
            self._documents().update_one(
                mine, [{"$unset": away}, {"$set": {"value.writers": writers}}]
            )
        self._documents().delete_one({**mine, "value.members": {}})

    def holder(self) -> Holder | None:
        """Who holds the lease; None if nobody does any longer."""
        lasts = {"$expr": {"$gt": ["$value.until", "$$NOW"]}}
        found = self._documents().find_one({**self._where, **lasts})
        holder = Holder.of(found) if found else None
        return None if holder is None or holder.gone else holder

    def live(self) -> set[str]:
        """Which of those who share the lease with this token are there and renew it."""
        mine = {**self._where, "value.token": self.token}
        found = self._documents().find_one(mine, {"value": 1, "now": "$$NOW"})
        members = Holder.of(found).members.items() if found else ()
        return {name for name, each in members if each.until > found["now"] and not each.gone}

    def _take(self, purpose: str, other: str, even_if_writing: bool) -> Holder | None:
        idle = {"$eq": ["$value.writers", []]}
        free = [
            {"$eq": [{"$type": "$value"}, "missing"]},
            {"$lte": ["$value.until", "$$NOW"]},
            {"$and": [{"$eq": ["$value.token", other]}, {"$or": [even_if_writing, idle]}]},
        ]
        shared = {"$eq": ["$value.token", self.token]}
        alone = {"members": {self.member: _this_process()}}
        mine = _set(alone, token=self.token, purpose=purpose, writers=[])
        kept = {"$cond": [shared, _set(self._joined()), "$value"]}
        values = {
            "value": {"$cond": [{"$or": free}, mine, kept]},
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

    def _joined(self) -> dict[str, Any]:
        """The members with this process, as it is now."""
        return {"members": {"$mergeObjects": ["$value.members", {self.member: _this_process()}]}}

    def _writers(self, writing: bool | None) -> dict[str, Any]:
        if writing is None:
            return {}
        change = "$setUnion" if writing else "$setDifference"
        return {"writers": {change: ["$value.writers", [self.member]]}}

    @staticmethod
    def _documents() -> Any:
        return foo.get_db_conn().execution_store.with_options(
            write_concern=JOURNALED, codec_options=CodecOptions(tz_aware=True)
        )


def _this_process() -> dict[str, Any]:
    """This process as a member of a lease, as an aggregation expression."""
    return {"$mergeObjects": [{"$literal": this_process()}, {"until": _until()}]}


def _set(*expressions: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The value of a lease with changes, extended by `SECONDS`, as an aggregation expression."""
    given = {name: {"$literal": value} for name, value in changes.items()}
    for expression in expressions:
        given |= expression
    return {"$mergeObjects": ["$value", {**given, "until": _until()}]}


def _until() -> dict[str, Any]:
    return {"$add": ["$$NOW", SECONDS * 1000]}
