"""A video file: its properties, which frames to sample, and a stream of exactly those."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from .container import DECODER, Image, pictures, to_rgb
from .errors import TruncatedVideoError, VideoError
from .numbering import Numbered, numbered
from .schedule import read_schedule

CHUNK = 2**20
"""Bytes per chunk read for a fingerprint."""
CHUNKS = 32
"""Most chunks read; in a larger file they are evenly spread, first and last included."""

FAR = 500
"""Pictures that are not needed from which on seeking is tried: more than there usually are from one
keyframe to the next."""


@dataclass(frozen=True)
class Video:
    """A readable video.

    Attributes:
        path: the file.
        frame_count: number of frames, as the packets of the file say.
        frame_rate: frames per second.
        width: in pixels, as decoded (after rotation).
        height: in pixels, as decoded.
        missing: frames that the file announces, but does not hold: it was cut off or damaged.
        notes: sentences about how its frames are numbered, if that is unusual.
    """

    path: Path
    frame_count: int
    frame_rate: float
    width: int
    height: int
    missing: int = 0
    notes: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frame_count / self.frame_rate

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the content of the file, whatever its name, as this decoder reads it.

        Only parts of files larger than 32 MB are read. Encoding or cutting moves bytes throughout
        the file and is noticed; bytes changed in place between the parts are not.
        """
        size = self.path.stat().st_size
        starts = np.arange(-(-size // CHUNK)) * CHUNK
        if len(starts) > CHUNKS:
            starts = np.linspace(0, size - CHUNK, CHUNKS).astype(int)
        about = f"{DECODER} {size} {self.frame_count} {self.width}x{self.height}"
        hasher = hashlib.sha256(about.encode())
        with self.path.open("rb") as file:
            for start in starts.tolist():
                file.seek(start)
                hasher.update(file.read(CHUNK))
        return hasher.hexdigest()

    @classmethod
    def open(cls, path: str | Path) -> Video:
        """Reads the packets of a file and decodes its first frame.

        Raises:
            VideoError: the file is missing, may not be read, is empty, not a video, without a frame
                rate, or none of its frames can be decoded.
        """
        path = Path(path)
        schedule = read_schedule(path)
        with closing(pictures(path)) as decoded:
            first = next(decoded, None)
        if first is None or not len(schedule.shows):
            raise VideoError(f"{path.name} holds no frame that can be decoded. Encode it again.")
        height, width = to_rgb(first).shape[:2]
        count, rate = len(schedule.shows), schedule.frame_rate
        return cls(path, count, rate, width, height, schedule.missing, schedule.notes)

    def sample(
        self, fps: float, max_frames: int, first: int = 0, last: int | None = None
    ) -> NDArray[np.int64]:
        """0-based numbers of the frames to sample, evenly spaced.

        Args:
            fps: frames per second; no more than every frame is taken.
            max_frames: most frames to take; more than that are thinned evenly.
            first: first frame to sample.
            last: last frame that may be sampled; None for the last of the video.

        Example:
            >>> Video(Path("v.mp4"), 20, 25.0, 640, 360).sample(5, 200)
            array([ 0,  5, 10, 15])
            >>> Video(Path("v.mp4"), 20, 25.0, 640, 360).sample(5, 2)
            array([ 0, 10])
        """
        step = max(1.0, self.frame_rate / fps)
        end = self.frame_count if last is None else min(last + 1, self.frame_count)
        frames = np.unique(np.round(np.arange(first, end, step)).astype(int))
        frames = frames[frames < end]
        if len(frames) > max_frames:
            frames = frames[np.arange(max_frames) * len(frames) // max_frames]
        return frames

    def read(self, frames: NDArray[np.int64]) -> Reading:
        """Streams frames in order, one in memory at a time; skipped frames are not converted.

        Decoding starts at the first frame, since seeking is not always exact; only over long gaps
        is it tried. A frame whose picture cannot be decoded shows the one before.

        Args:
            frames: ascending 0-based frame numbers.

        Returns:
            An iterator over the position in `frames` and the frame, (H, W, 3) uint8 RGB. It raises
            `TruncatedVideoError` where the video ends before the last of `frames`.
        """
        return Reading(self.path, frames)

    def peek(self, frame: int) -> Image:
        """One frame by seeking, the one that `read` gives: fast in long videos.

        Args:
            frame: 0-based frame number.

        Returns:
            (H, W, 3) uint8 RGB.

        Raises:
            TruncatedVideoError: there is no such frame.
        """
        schedule = read_schedule(self.path)
        if frame < len(schedule.shows) and schedule.seekable:
            wanted = schedule.shows[frame]
            near = pictures(self.path, int(schedule.timestamps[wanted]))
            with closing(numbered(near, schedule)) as decoded:
                for number, picture in decoded:
                    if number == wanted:
                        return to_rgb(picture)
                    if number > wanted:  # an index that is wrong, or a damaged picture
                        break
        with closing(self.read(np.array([frame]))) as reading:
            return next(reading)[1]


class Reading(Iterator[tuple[int, Image]]):
    """A stream of frames.

    Attributes:
        schedule: which pictures the frames show.
        lost: 0-based numbers of the pictures so far that could not be decoded.
        doubtful: 0-based numbers of those so far that may look wrong: decoded with errors, or after
            such a picture or a lost one, up to the next keyframe.
    """

    def __init__(self, path: Path, frames: NDArray[np.int64]) -> None:
        self.schedule = read_schedule(path)
        self.lost: list[int] = []
        self.doubtful: list[int] = []
        self._stream = self._frames(path, frames)

    def __next__(self) -> tuple[int, Image]:
        return next(self._stream)

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def _frames(self, path: Path, frames: NDArray[np.int64]) -> Generator[tuple[int, Image]]:
        shows, converter = self.schedule.shows, VideoReformatter()
        decoded = self._noted(path)
        try:
            shown, coming, image = None, next(decoded, None), None
            for i, frame in enumerate(frames):
                wanted = int(shows[frame]) if frame < len(shows) else len(shows)
                if coming and wanted - coming[0] > FAR:
                    decoded, coming = self._sought(path, wanted, decoded, coming)
                while coming and (coming[0] <= wanted or not shown):
                    shown, coming, image = coming, next(decoded, None), None
                if shown is None or (coming is None and shown[0] < wanted):
                    there = int(np.searchsorted(shows, shown[0], side="right")) if shown else 0
                    announced = len(shows) + self.schedule.missing
                    raise TruncatedVideoError(path, there, announced)
                image = to_rgb(shown[1], converter) if image is None else image
                yield i, image
        finally:
            decoded.close()

    def _sought(
        self, path: Path, wanted: int, decoded: Generator[Numbered], coming: Numbered
    ) -> tuple[Generator[Numbered], Numbered]:
        """The pictures from a keyframe before picture `wanted` on, and the first of them.

        Those that were given, if there is no keyframe between, or the file cannot tell.
        """
        timestamps = self.schedule.timestamps
        if self.schedule.seekable and wanted < len(timestamps):
            later = self._noted(path, int(timestamps[wanted]))
            landed = next(later, None)
            if landed and coming[0] < landed[0] <= wanted:
                decoded.close()
                return later, landed
            later.close()
        return decoded, coming

    def _noted(self, path: Path, start: int | None = None) -> Generator[Numbered]:
        """The pictures with their numbers; notes those that are left out or may look wrong."""
        last = -1 if start is None else None
        doubt = False
        with closing(numbered(pictures(path, start), self.schedule)) as decoded:
            for number, picture in decoded:
                gap = range(number if last is None else last + 1, number)
                self.lost += gap
                flagged = picture.is_corrupt or picture.pts in self.schedule.corrupt
                doubt = flagged or (not picture.key_frame and (doubt or len(gap) > 0))
                if doubt:
                    self.doubtful.append(number)
                yield number, picture
                last = number
