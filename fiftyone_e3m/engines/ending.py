"""The end of a run by SIGTERM, as clusters, containers and FiftyOne's monitor send it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def ended_by_signal(even_if_handled: bool = False) -> Iterator[None]:
    """While a run is active, SIGTERM ends it at once, but lets it close its record.

    Without, Python ends the process where it is. A second signal does. Outside the main thread,
    which alone may handle signals, nothing changes.

    Args:
        even_if_handled: also where the process already does something of its own at SIGTERM.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    found = signal.getsignal(signal.SIGTERM)
    if found is not signal.SIG_DFL and not even_if_handled:
        yield
        return
    before = found or signal.SIG_DFL

    def end(*_: Any) -> None:
        signal.signal(signal.SIGTERM, before)
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is end:  # Ray puts its own in this place
            signal.signal(signal.SIGTERM, before)
