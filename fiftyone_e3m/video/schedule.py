"""Which picture each frame of a file shows, as its packets say."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from .container import opened, packets
from .damage import corrupt_times, gaps, given_up, told_end
from .errors import VideoError, check_file
from .parts import Part
from .player import MICRO, PLAYED, count_frames, remarks, shown_pictures
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
    with opened(path) as (container, stream):
        played = container.format.name.startswith(PLAYED)
        rate = _rate(path, stream, played)
        parts = [part for part in map(Part.of, packets(container, stream)) if part.size]
        entries = len(stream.index_entries) if container.format.name.startswith("mov") else 0
        cut = size < promised_size(path)
        if parts and parts[-1].corrupt and (cut or entries):  # cut off within a picture
            parts.pop()
        cut = cut or len(parts) < entries or given_up(stream, parts, size)
        shown = [part for part in parts if not part.hidden]
        schedule = Schedule(np.arange(len(shown)), _timestamps(shown), rate)
        if schedule.timestamps is not None and (corrupt := corrupt_times(shown)):
            notes = () if played else gaps(path.name, schedule.timestamps)
            schedule = replace(schedule, corrupt=corrupt, notes=notes)
        announced = stream.frames
        if played and schedule.timestamps is not None and len(shown):
            unit = float(stream.time_base or 1)
            origin = min(0, container.start_time or 0) / MICRO  # browsers begin at 0 at the latest
            begins = schedule.timestamps * unit - origin
            lasts = np.array([part.duration for part in sorted(shown, key=Part.when)])
            even = _evenly_spaced(begins, rate, unit)
            if even:  # what was rounded to a unit may have been earlier
                begins = begins - unit / 2
            ends = begins + np.where(lasts, lasts * unit, 1 / rate)
            if even or entries:  # MP4 tells durations in the order of decoding
                ends[:-1] = begins[1:]
            schedule = _by_time(path.name, schedule, begins, ends)
            announced = count_frames(_end(container, stream) - origin, rate)
    return replace(schedule, missing=max(0, announced - len(schedule.shows)) if cut else 0)


def _rate(path: Path, stream: av.VideoStream, played: bool) -> float:
    """The rate of FiftyOne's metadata; that of the codec where there is no index.

    Raises:
        VideoError: there is none.
    """
    average, guessed = stream.average_rate, stream.guessed_rate
    rates = (average, stream.base_rate) if played else (guessed, average)
    rate = float(next(filter(None, rates), Fraction(0)))
    if not (math.isfinite(rate) and rate > 0):
        raise VideoError(f"{path.name} has no frame rate ({rate}). Encode it again.")
    return rate


def _timestamps(parts: list[Part]) -> NDArray[np.int64] | None:
    """Timestamps in the order of showing, unless some are missing, doubled or jump back."""
    times = [part.pts for part in parts if part.pts is not None]
    stored = np.array([part.dts for part in parts if part.dts is not None], np.int64)
    if len(times) < len(parts) or len(set(times)) < len(times) or (np.diff(stored) < 0).any():
        return None
    return np.sort(np.array(times, np.int64))


def _evenly_spaced(begins: NDArray[np.floating], rate: float, unit: float) -> bool:
    """Whether only rounding to the unit of the file keeps pictures from being evenly spaced."""
    off = begins - begins[0] - np.arange(len(begins)) / rate
    return bool(np.abs(off).max() <= min(unit, 0.25 / rate))


def _by_time(
    name: str, counted: Schedule, begins: NDArray[np.floating], ends: NDArray[np.floating]
) -> Schedule:
    """The schedule of a video that browsers play; see `shown_pictures`."""
    rate, seconds = counted.frame_rate, float(ends.max())
    if count_frames(seconds, rate) > MOST_SHARES * len(begins):
        note = (
            f"{name} spreads {len(begins)} pictures over {seconds:.0f} seconds, so its timestamps "
            "were not believed and pictures are counted; FiftyOne's player shows other pictures. "
            "Encode it again."
        )
        return replace(counted, notes=(note,))
    shows = shown_pictures(begins, ends, rate)
    return replace(counted, shows=shows, notes=remarks(name, shows, float(begins[0]), rate))


def _end(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    """When the video ends, as its header says, in seconds."""
    if stream.duration is not None:
        return ((stream.start_time or 0) + stream.duration) * float(stream.time_base or 1)
    told = told_end(stream)  # the file may have longer sound
    return (container.duration or 0) / MICRO if told is None else told
