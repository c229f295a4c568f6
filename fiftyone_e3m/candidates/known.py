"""Whether there is a detector of a name."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .factory import ZOO, check_detector, is_published
from .weights import MEGABYTES, file_name, weights_here


def check_model(spec: str) -> None:
    """Checks a detector's name as far as it goes without loading or asking for anything.

    Other than `check_detector`, it may import ultralytics, which takes seconds.

    Raises:
        DetectorError: also of weights that are neither here nor published.
    """
    check_detector(spec)
    if spec.startswith(ZOO):
        from .zoo import zoo_entry

        zoo_entry(spec.removeprefix(ZOO))
        return
    name = file_name(spec)
    if Path(spec).name != spec or name in MEGABYTES or weights_here(spec) or is_published(name):
        return
    from .ultralytics import refusal

    raise refusal(spec, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), spec))
