"""Holds ultralytics back while it loads weights: no foreign code, no packages installed by itself.

Both are its defaults: a checkpoint is a pickle that may call any function, and an export whose
runtime is missing makes it call pip. Its own switches are read once, when it is imported, which
may be long before; so they are set in its modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from .base import DetectorError

_LOADING = Lock()
"""Held while the switches are changed, which the whole process shares."""


@contextmanager
def cautious(trust_remote_code: bool) -> Iterator[None]:
    """Loads checkpoints with `weights_only=True` unless trusted, and never installs a package.

    Raises:
        DetectorError: this version of ultralytics cannot do so.
    """
    from ultralytics.nn import tasks
    from ultralytics.utils import checks

    if not hasattr(tasks, "SAFE_LOAD"):
        raise DetectorError(
            "This version of ultralytics loads weights only as pickles, which may run any code: "
            "pip install --upgrade 'ultralytics-opencv-headless>=8.4.75'."
        )
    with _LOADING:
        before = tasks.SAFE_LOAD, checks.AUTOINSTALL
        tasks.SAFE_LOAD, checks.AUTOINSTALL = not trust_remote_code, False
        try:
            yield
        finally:
            tasks.SAFE_LOAD, checks.AUTOINSTALL = before
