"""Where a video cuts from one view to another, in a part of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..video import CutFinder, Video, VideoError

LEAD = 12
"""Frames before and after the part that are looked at too: a cut stands out from those around."""


def cuts_within(path: str | Path, first: int, last: int) -> set[int] | None:
    """The first frames of the shots that begin in a part of a video.

    Args:
        path: its file.
        first: first frame of the part, 1-based.
        last: its last frame, inclusive.

    Returns:
        1-based frames; None if the video cannot be decoded.
    """
    finder = CutFinder()
    start = max(0, first - 1 - LEAD)
    try:
        video = Video.open(path)
        for _, frame in video.read(np.arange(start, min(video.frame_count, last + LEAD))):
            finder.show(frame)
    except VideoError:
        return None
    begins = (start + cut + 1 for cut in finder.cuts)
    return {frame for frame in begins if first <= frame <= last}
