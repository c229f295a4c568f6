"""The end of a scheduled run by a signal, as FiftyOne's monitor of an operation sends it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fiftyone.operators as foo


@contextmanager
def ended_by_signal(ctx: foo.ExecutionContext) -> Iterator[None]:
    """While a scheduled run is active, SIGTERM ends it at once, but lets it close its record.

    Without, Python ends the process where it is. A second signal does.
    """
    if not ctx.delegated or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: Any) -> None:
        signal.signal(signal.SIGTERM, before)
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM) or signal.SIG_DFL
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
