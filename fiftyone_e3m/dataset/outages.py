"""Outages of the database, such as a restart: waiting for its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import fiftyone.core.odm as foo
from pymongo.errors import AutoReconnect, ConnectionFailure

PATIENCE = 120.0
"""Seconds to wait for the database; a restart takes about ten."""
GLANCE = 0.5

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


class OutageError(ConnectionError):
    """The database does not answer any longer."""


def patiently(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls an action, and again after each outage of the database.

    Args:
        action: may be repeated after it was done in part.
        args: its arguments.
        kwargs: its arguments.

    Returns:
        What the action returns.

    Raises:
        OutageError: the database did not answer for `PATIENCE`.
    """
    while True:
        try:
            return action(*args, **kwargs)
        except ConnectionFailure as error:
            logger.warning("The database does not answer: %s", error)
            _wait(error)


@contextmanager
def one_server() -> Iterator[None]:
    """For writes that are safe only together: a server that was killed may have lost the first.

    The client itself hides a restart between two commands. The last write within must be one that
    waits for the server's disk.

    Raises:
        ConnectionFailure: the server was started again meanwhile; `patiently` repeats the action.
    """
    before, problem = _server(), None
    try:
        yield
    except Exception as error:
        problem = error
    if _server() != before:
        raise AutoReconnect("it was started again during a write") from problem
    if problem:
        raise problem


def _server() -> object:
    """Identifies the server's process."""
    return foo.get_db_conn().command("hello").get("topologyVersion", {}).get("processId")


def _wait(error: ConnectionFailure) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            foo.get_db_conn().command("ping")
        except ConnectionFailure:
            if time.monotonic() > deadline:
                raise OutageError(
                    f"The database has not answered for {PATIENCE:.0f} s ({error}). What is done "
                    "is kept. Start the same run again once the database is back."
                ) from error
            time.sleep(GLANCE)
        else:
            return
