"""Whether the timestamps of a file are those at which its pictures are shown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .container import in_order
from .contents import Contents, Part

TIMELESS = ("avi", "asf")
"""FFmpeg's names of containers that tell when a picture is decoded, not when it is shown."""
SOUGHT = ("h264", "hevc", "mpeg1video", "mpeg2video", "mjpeg")
"""Codecs of which FFmpeg gives the same timestamps after seeking, also where browsers do not play
the container."""


def stored_times(parts: Sequence[Part]) -> NDArray[np.int64]:
    """Timestamps in the order of decoding; empty if some are missing, doubled or jump back."""
    times = [part.pts for part in parts if part.pts is not None]
    decoded = np.array([part.dts for part in parts if part.dts is not None], np.int64)
    if len(times) < len(parts) or len(set(times)) < len(times) or (np.diff(decoded) < 0).any():
        return np.array([], np.int64)
    return np.array(times, np.int64)


def tells_when_shown(path: Path, contents: Contents) -> bool:
    """Whether timestamps are those of showing, or the pictures are decoded in that order.

    Files of AVI are often copied to other containers, with the times of decoding that FFmpeg gives
    them. Where several pictures are packed into one packet, as DivX and Xvid do, it gives any.

    Args:
        path: the file, of which the first pictures are decoded where its packets leave it open.
        contents: of the file.
    """
    if contents.container in TIMELESS and _ascending(contents):
        return all(part.key for part in contents.shown)
    if contents.reorders and (contents.codec == "mpeg4" or _ascending(contents)):
        return in_order(path)
    return True


def is_seekable(contents: Contents) -> bool:
    """Whether timestamps after seeking are those before."""
    sure = contents.codec in SOUGHT and contents.container != "asf"
    return contents.played or sure


def _ascending(contents: Contents) -> bool:
    """Whether timestamps ascend in the order of decoding."""
    return all(part.when() < after.when() for part, after in pairwise(contents.shown))
