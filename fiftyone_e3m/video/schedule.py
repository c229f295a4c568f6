"""Which picture each frame of a file shows, as its packets say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .clock import is_seekable, stored_times, tells_when_shown
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
        timestamps: (P,) of the pictures, in the stream's unit: ascending if they are those of
            showing, else in the order of decoding; empty if the file has none that can be used.
        frame_rate: frames per second.
        by_time: whether the timestamps are those of showing; else pictures are counted.
        seekable: whether reading may begin at a timestamp.
        missing: frames that the file announces, but does not hold.
        corrupt: timestamps of pictures whose packet the container knows to be damaged.
        notes: sentences about how frames are numbered, if that is unusual.
    """

    shows: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    frame_rate: float
    by_time: bool = False
    seekable: bool = False
    missing: int = 0
    corrupt: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()


def read_schedule(path: Path) -> Schedule:
    """Reads all packets of a file; remembers the last files.

    Nothing is decoded, unless the first pictures must tell whether timestamps are right.

    Raises:
        VideoError: the file cannot be opened, or has no frame rate.
    """
    check_file(path)
    about = path.stat()
    return _read(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=16)  # the App's panels open the same file at every click
def _read(path: Path, size: int, _changed: int) -> Schedule:
    contents = read_contents(path)
    ended = size < promised_size(path)
    cut = ended or len(contents.parts) < contents.listed or given_up(contents, size)
    announced = max(contents.listed, contents.announced if ended else 0)
    schedule = _one_after_another(path, contents)
    if contents.played and schedule.by_time:
        schedule = _by_time(path.name, schedule, contents)
        announced = count_frames(contents.end - _origin(contents), contents.rate)
    return replace(schedule, missing=max(0, announced - len(schedule.shows)) if cut else 0)


def _one_after_another(path: Path, contents: Contents) -> Schedule:
    """The schedule of a file of which each picture is a frame."""
    shows, times = np.arange(len(contents.shown)), stored_times(contents.shown)
    notes = () if contents.played else gaps(path.name, contents.shown)
    counted = Schedule(shows, times, contents.rate, notes=notes)
    if not len(times):
        return counted
    corrupt = corrupt_times(contents.shown)
    if tells_when_shown(path, contents):
        return replace(
            counted,
            timestamps=np.sort(times),
            by_time=True,
            seekable=is_seekable(contents),
            corrupt=corrupt,
        )
    note = (
        f"{path.name} does not tell when its pictures are shown, only when they are decoded, so "
        "they are counted; FiftyOne's player may show other pictures. Encode it again."
    )
    return replace(counted, corrupt=corrupt, notes=(note,) if contents.played else notes)


def _evenly_spaced(begins: NDArray[np.floating], rate: float, unit: float) -> bool:
    """Whether only rounding to the unit of the file keeps pictures from being evenly spaced."""
    off = begins - begins[0] - np.arange(len(begins)) / rate
    return bool(np.abs(off).max() <= min(unit, 0.25 / rate))


def _by_time(name: str, plain: Schedule, contents: Contents) -> Schedule:
    """The schedule of a video that browsers play; see `shown_pictures`."""
    rate, unit = contents.rate, contents.unit
    begins = plain.timestamps * unit - _origin(contents)
    lasts = np.array([part.duration for part in sorted(contents.shown, key=Part.when)])
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
        return replace(plain, notes=(note,))
    shows = shown_pictures(begins, ends, rate)
    return replace(plain, shows=shows, notes=remarks(name, shows, float(begins[0]), rate))


def _origin(contents: Contents) -> float:
    """When browsers begin to count, in seconds: at 0 at the latest."""
    return min(0.0, contents.start)
