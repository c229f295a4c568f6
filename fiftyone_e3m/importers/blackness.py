"""Blackness: videos that can be decoded, but to nothing that can be seen."""

from __future__ import annotations

import numpy as np

from ..video import TruncatedVideoError, Video

LOOKED_AT = 5
"""Number of frames looked at, evenly spread, first and last included."""

BLACK = 16
"""Highest value of a black pixel, 0..255: compressed black is not exactly 0."""


def black_frames(video: Video) -> list[int]:
    """The frames that show that a video is black; empty if any of those looked at is not.

    A decoder that lacks what a file needs may return black frames without an error. A dark picture
    is not black: somewhere it has a pixel brighter than `BLACK`.

    Args:
        video: the video.

    Returns:
        1-based numbers of the frames looked at, or nothing.
    """
    numbers = np.unique(np.linspace(0, video.frame_count - 1, LOOKED_AT).round().astype(int))
    black = []
    for number in numbers.tolist():
        try:
            image = video.peek(number)
        except TruncatedVideoError:  # fewer frames than announced; grounding reports it
            continue
        if image.max() > BLACK:
            return []
        black.append(number + 1)
    return black
