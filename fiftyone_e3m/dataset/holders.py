"""Who holds a lease: one process, or several that share it, and whether they are still there."""

from __future__ import annotations

import dataclasses
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Member:
    """A process that holds a lease, perhaps with others.

    Attributes:
        host: name of the machine.
        machine: the machine, since its last start.
        pid: the process.
        born: when the process started, in seconds since 1970.
        until: when it counts as gone if it does not renew the lease, UTC.
    """

    host: str
    machine: str
    pid: int
    born: float
    until: datetime

    @property
    def gone(self) -> bool:
        """Whether the process no longer exists; False where that cannot be known from here."""
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
        return f"process {self.pid} on {self.host}"


@dataclass(frozen=True)
class Holder:
    """Who holds a lease.

    Attributes:
        token: identifies the holder; processes that share a lease have the same.
        purpose: what it is for, such as the key of a run; empty if that is not known yet.
        until: when the lease ends if nobody renews it, UTC.
        members: the processes that hold it, by what identifies them there.
        writers: those that are writing at this moment: members, or processes that write for them.
    """

    token: str
    purpose: str
    until: datetime
    members: Mapping[str, Member]
    writers: Sequence[str] = ()

    @classmethod
    def of(cls, document: dict[str, Any]) -> Holder:
        """The holder that a lease's document tells of."""
        value = document["value"]
        members = {name: _known(Member, each) for name, each in value["members"].items()}
        return _known(cls, value | {"members": members})

    @property
    def gone(self) -> bool:
        """Whether none of its processes exists; False where that cannot be known from here."""
        return all(member.gone for member in self.members.values())

    def __str__(self) -> str:
        there = [str(member) for member in self.members.values() if not member.gone]
        return (
            f"{' and '.join(there)}; its claim lapses at {self.until:%H:%M:%S} UTC "
            "unless it is renewed"
        )


def this_process() -> dict[str, Any]:
    """The attributes of a `Member` that is this process, but for `until`."""
    return {
        "host": socket.gethostname(),
        "machine": _machine(),
        "pid": os.getpid(),
        "born": _born(os.getpid()),
    }


def _known(kind: Any, values: dict[str, Any]) -> Any:
    """An instance from values, of which another version may know more."""
    known = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in known})


@cache
def _born(pid: int) -> float:
    """When a process started; asked once, as another answer comes after the clock was set."""
    return psutil.Process(pid).create_time()


@cache
def _machine() -> str:
    """Identifies this machine since its last start, and the container within which pids count."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:  # not Linux
        return f"{socket.gethostname()} {psutil.boot_time():.0f}"
    return f"{boot} {space}"
