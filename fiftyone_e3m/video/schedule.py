"""Which picture each frame of a file shows, as its packets say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .container import in_order
from .contents import Contents, Part, read_contents
from .damage import corrupt_times, gaps, given_up
from .errors import check_file
from .player import count_frames, remarks, shown_pictures
from .promise import promised_size

MOST_SHARES = 100
"""Most frames per picture on average; timestamps that ask for more are not believed."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """The pictures of a file and its frames.

    Attributes:
        shows: (F,) 0-based number of the picture that each frame shows, ascending. By time in
            containers that browsers play, as FiftyOne's player does, else one after another.
        timestamps: (P,) of the pictures, ascending, in the stream's unit; None if the file has
            none that can be used.
        frame_rate: frames per second.
        missing: frames after the last one that a file which was cut off announces.
        corrupt: timestamps of pictures whose packet the container knows to be damaged.
        notes: sentences about how frames are numbered, if that is unusual.
    """

    shows: NDArray[np.int64]
    timestamps: NDArray[np.int64] | None
    frame_rate: float
    missing: int = 0
    corrupt: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    def number(self, timestamp: int | None, last: int) -> int:
        """The number of the picture that follows picture `last` in the decoder's output."""
        if self.timestamps is None or timestamp is None:
            return last + 1
        return int(np.searchsorted(self.timestamps, timestamp, side="right")) - 1


def read_schedule(path: Path) -> Schedule:
    """Reads all packets of a file and decodes none; remembers the last files.

    Raises:
        VideoError: the file cannot be opened, or has no frame rate.
    """
    check_file(path)
    about = path.stat()
    return _read(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=16)  # the App's panels open the same file at every click
def _read(path: Path, size: int, _changed: int) -> Schedule:
    contents = read_contents(path)
    parts, ended = contents.parts, size < promised_size(path)
    if parts and parts[-1].corrupt and (ended or contents.listed):  # cut off within a picture
        parts.pop()
    cut = ended or len(parts) < contents.listed or given_up(contents, size)
    announced = max(contents.listed, contents.announced if ended else 0)
    shown = [part for part in parts if not part.hidden]
    schedule = Schedule(np.arange(len(shown)), _timestamps(shown), contents.rate)
    if schedule.timestamps is not None and _in_doubt(contents) and not in_order(path):
        schedule = _counted(path.name, schedule, contents)
    if schedule.timestamps is not None and (corrupt := corrupt_times(shown)):
        notes = () if contents.played else gaps(path.name, schedule.timestamps, corrupt)
        schedule = replace(schedule, corrupt=corrupt, notes=notes)
    if schedule.timestamps is not None and contents.played and shown:
        schedule = _by_time(path.name, schedule, schedule.timestamps, contents, shown)
        announced = count_frames(contents.end - _origin(contents), contents.rate)
    return replace(schedule, missing=max(0, announced - len(schedule.shows)) if cut else 0)


def _timestamps(parts: list[Part]) -> NDArray[np.int64] | None:
    """Timestamps in the order of showing, unless some are missing, doubled or jump back."""
    times = [part.pts for part in parts if part.pts is not None]
    stored = np.array([part.dts for part in parts if part.dts is not None], np.int64)
    if len(times) < len(parts) or len(set(times)) < len(times) or (np.diff(stored) < 0).any():
        return None
    return np.sort(np.array(times, np.int64))


def _in_doubt(contents: Contents) -> bool:
    """Whether timestamps may be those of decoding, though pictures are shown in another order.

    AVI stores none, and programs copy what FFmpeg guesses to other files. Where several pictures
    are packed into one packet, as DivX and Xvid do, the guess is any order.
    """
    ascending = all(part.when() < after.when() for part, after in pairwise(contents.parts))
    return contents.reorders and (ascending or contents.codec == "mpeg4")


def _counted(name: str, schedule: Schedule, contents: Contents) -> Schedule:
    """The schedule of a video whose timestamps are not those of its pictures."""
    note = (
        f"{name} does not tell when its pictures are shown, only when they are decoded, so they "
        "are counted; FiftyOne's player may show other pictures. Encode it again."
    )
    return replace(schedule, timestamps=None, notes=(note,) if contents.played else ())


def _evenly_spaced(begins: NDArray[np.floating], rate: float, unit: float) -> bool:
    """Whether only rounding to the unit of the file keeps pictures from being evenly spaced."""
    off = begins - begins[0] - np.arange(len(begins)) / rate
    return bool(np.abs(off).max() <= min(unit, 0.25 / rate))


def _by_time(
    name: str,
    counted: Schedule,
    timestamps: NDArray[np.int64],
    contents: Contents,
    parts: list[Part],
) -> Schedule:
    """The schedule of a video that browsers play; see `shown_pictures`."""
    rate, unit = contents.rate, contents.unit
    begins = timestamps * unit - _origin(contents)
    lasts = np.array([part.duration for part in sorted(parts, key=Part.when)])
    even = _evenly_spaced(begins, rate, unit)
    if even:  # what was rounded to a unit may have been earlier
        begins = begins - unit / 2
    ends = begins + np.where(lasts, lasts * unit, 1 / rate)
    if even or contents.listed:  # MP4 tells durations in the order of decoding
        ends[:-1] = begins[1:]
    seconds = float(ends.max())
    if count_frames(seconds, rate) > MOST_SHARES * len(begins):
        note = (
            f"{name} spreads {len(begins)} pictures over {seconds:.0f} seconds, so its timestamps "
            "were not believed and pictures are counted; FiftyOne's player shows other pictures. "
            "Encode it again."
        )
        return replace(counted, notes=(note,))
    shows = shown_pictures(begins, ends, rate)
    return replace(counted, shows=shows, notes=remarks(name, shows, float(begins[0]), rate))


def _origin(contents: Contents) -> float:
    """When browsers begin to count, in seconds: at 0 at the latest."""
    return min(0.0, contents.start)
