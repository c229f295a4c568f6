"""The database that FiftyOne uses: where it is, and which other processes use it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psutil


def describe(client: Any) -> str:
    """Names the database of a client, its process, and who else uses it, as a phrase.

    FiftyOne joins any database service of the same user that is running, whatever folder it was
    asked for: the end of another program may then end this one's database.

    Args:
        client: a connected `pymongo.MongoClient`.
    """
    host, port = client.address
    status = {}
    with suppress(Exception):  # a server may allow only some users to ask
        status = client.admin.command("serverStatus")
    pid = status.get("pid")
    here = host in ("localhost", "127.0.0.1", "::1")
    text = f"at {host}:{port}" + (f", process {pid}" if pid else "")
    others = sorted(set(_users(port)) - {os.getpid(), pid}) if here else []
    if others:
        names = ", ".join(str(other) for other in others)
        text += f"; also used by processes {names}: if one of them started it, it ends with it"
    return text


def _users(port: int) -> Iterator[int]:
    """The processes of this machine that are connected to a port, as far as they may be seen."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # of the process, as those of all need privileges on some systems
            for connection in getattr(process, "net_connections", process.connections)("tcp"):
                if connection.raddr and connection.raddr.port == port:
                    yield process.pid
