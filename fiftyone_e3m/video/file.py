"""A video file: its properties, which frames to sample, and a stream of exactly those (OpenCV)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

CHUNK = 2**20
"""Bytes per chunk read for a fingerprint."""
CHUNKS = 32
"""Most chunks read; in a larger file they are evenly spread, first and last included."""


class VideoError(Exception):
    """A video cannot be read; the message says why and what to do."""


class TruncatedVideoError(VideoError):
    """Decoding stopped before the announced number of frames.

    Attributes:
        decoded: number of frames that could be decoded.
    """

    def __init__(self, path: Path, decoded: int, announced: int) -> None:
        super().__init__(
            f"{path.name} announces {announced} frames but decoding stops after {decoded}: the "
            "file is cut off or damaged. Download or encode it again."
        )
        self.decoded = decoded


@dataclass(frozen=True)
class Video:
    """A readable video.

    Attributes:
        path: the file.
        frame_count: number of frames, as the file announces it.
        frame_rate: frames per second.
        width: in pixels, as decoded (after rotation).
        height: in pixels, as decoded.
    """

    path: Path
    frame_count: int
    frame_rate: float
    width: int
    height: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frame_count / self.frame_rate

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the content of the file, whatever its name, with frame count and size.

        Only parts of files larger than 32 MB are read. Encoding or cutting moves bytes throughout
        the file and is noticed; bytes changed in place between the parts are not.
        """
        size = self.path.stat().st_size
        starts = np.arange(-(-size // CHUNK)) * CHUNK
        if len(starts) > CHUNKS:
            starts = np.linspace(0, size - CHUNK, CHUNKS).astype(int)
        hasher = hashlib.sha256(f"{size} {self.frame_count} {self.width}x{self.height}".encode())
        with self.path.open("rb") as file:
            for start in starts.tolist():
                file.seek(start)
                hasher.update(file.read(CHUNK))
        return hasher.hexdigest()

    @classmethod
    def open(cls, path: str | Path) -> Video:
        """Reads the properties of a file and decodes its first frame.

        Raises:
            VideoError: the file is missing, empty, not a video, without a frame rate, or its first
                frame cannot be decoded.
        """
        path = Path(path)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise VideoError(f"{path} {what}. Correct the sample's filepath.")
        with _Capture(path) as capture:
            frame = capture.read()
            if frame is None:
                raise VideoError(
                    f"{path.name} holds no frame that can be decoded. Encode it again."
                )
            count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
            rate = capture.get(cv2.CAP_PROP_FPS)
            if count < 1:  # streams without an index announce 0 or a negative number
                count = 1 + sum(1 for _ in iter(capture.skip, False))
        if not (math.isfinite(rate) and rate > 0):
            raise VideoError(f"{path.name} has no frame rate ({rate}). Encode it again.")
        height, width = frame.shape[:2]
        return cls(path, int(count), float(rate), width, height)

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
        end = self.frame_count if last is None else last + 1
        frames = np.unique(np.round(np.arange(first, end, step)).astype(int))
        frames = frames[frames < end]
        if len(frames) > max_frames:
            frames = frames[np.arange(max_frames) * len(frames) // max_frames]
        return frames

    def read(self, frames: NDArray[np.int64]) -> Iterator[tuple[int, Image]]:
        """Streams frames in order, one in memory at a time; skipped frames are not converted.

        Decoding starts at frame 0 and counts, since seeking is not always exact.

        Args:
            frames: ascending 0-based frame numbers.

        Yields:
            The position in `frames` and the frame, (H, W, 3) uint8 RGB.

        Raises:
            TruncatedVideoError: the video ends before the last of `frames`.
        """
        with _Capture(self.path) as capture:
            at = 0
            for i, wanted in enumerate(frames):
                while at < wanted and capture.skip():
                    at += 1
                frame = capture.read() if at == wanted else None
                if frame is None:
                    raise TruncatedVideoError(self.path, at, self.frame_count)
                at += 1
                yield i, frame

    def peek(self, frame: int) -> Image:
        """One frame by seeking, for display: fast in long videos.

        Seeking may return a neighbouring frame where frames are not evenly spaced in time; `read`
        never does.

        Args:
            frame: 0-based frame number.

        Returns:
            (H, W, 3) uint8 RGB.

        Raises:
            TruncatedVideoError: there is no such frame.
        """
        with _Capture(self.path) as capture:
            capture.seek(frame)
            image = capture.read()
        if image is None:
            raise TruncatedVideoError(self.path, frame, self.frame_count)
        return image


class _Capture:
    """An OpenCV capture that is always released."""

    def __init__(self, path: Path) -> None:
        # absolute, as FFmpeg would read "12:30.mp4" as protocol "12"
        self._capture = cv2.VideoCapture(str(path.absolute()))
        if not self._capture.isOpened():
            raise VideoError(
                f"{path.name} is not a video that can be opened ({path.stat().st_size} bytes). "
                "Check the file, or encode it as H.264 in MP4."
            )

    def __enter__(self) -> _Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self._capture.release()

    def get(self, prop: int) -> float:
        return self._capture.get(prop)

    def seek(self, frame: int) -> None:
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, frame)

    def skip(self) -> bool:
        return self._capture.grab()

    def read(self) -> Image | None:
        ok, frame = self._capture.read()
        return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) if ok else None
