"""Which picture of a file a decoded one is."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import av
import numpy as np

from .schedule import Schedule

MOST_DELAYED = 16
"""Most pictures that are decoded between one and the time it is shown (H.264, HEVC)."""

Numbered = tuple[int, av.VideoFrame]
"""A picture with its 0-based number."""


def numbered(decoded: Generator[av.VideoFrame], schedule: Schedule) -> Generator[Numbered]:
    """Pictures with their ascending 0-based numbers, each once; those that are lost are left out.

    Args:
        decoded: pictures in the order in which they are shown; closed at the end. From the first of
            the file on, unless the schedule is `seekable`.
        schedule: of the file.
    """
    with closing(decoded):
        yield from _by_time(decoded, schedule) if schedule.by_time else _counted(decoded, schedule)


def _by_time(decoded: Generator[av.VideoFrame], schedule: Schedule) -> Generator[Numbered]:
    last = -1
    for picture in decoded:
        found = np.searchsorted(schedule.timestamps, picture.pts or 0, side="right")
        number = last + 1 if picture.pts is None else int(found) - 1
        if number > last:
            yield number, picture
            last = number


def _counted(decoded: Generator[av.VideoFrame], schedule: Schedule) -> Generator[Numbered]:
    """By counting; what has not come after so many pictures that it should have is lost."""
    places = {time: i for i, time in enumerate(schedule.timestamps.tolist())}
    number, due, come = 0, 0, set()
    for picture in decoded:
        place = places.get(picture.pts, -1)
        come.add(place)
        for passed in range(due, place - MOST_DELAYED):
            number += passed not in come
            come.discard(passed)
        due = max(due, place - MOST_DELAYED)
        yield number, picture
        number += 1
