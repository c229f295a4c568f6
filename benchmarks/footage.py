"""Frames of the shared clips, joined anew and written as H.264."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.video import Image, Video


def pictures(path: Path) -> list[Image]:
    """All frames of a video."""
    video = Video.open(path)
    return [frame for _, frame in video.read(np.arange(video.frame_count))]


def walk(first: int, last: int, n: int, step: float = 1.0) -> NDArray[np.int64]:
    """`n` frames from `first` to `last`, back to `first`, and so on.

    Example:
        >>> walk(3, 6, 8).tolist()
        [3, 4, 5, 6, 5, 4, 3, 4]
    """
    span = max(1, last - first)
    far = np.round(np.arange(n) * step).astype(int) % (2 * span)
    return np.minimum(last, first + np.minimum(far, 2 * span - far))


def write(path: Path, frames: Iterable[Image], rate: int, crf: int, preset: str = "medium") -> None:
    """Writes frames of one size as H.264; until all are written, the file has another name.

    Args:
        path: where to; its folder is made.
        frames: RGB, even in width and height.
        rate: frames per second.
        crf: quality as x264 counts it; 18 is hardly told from the original.
        preset: x264's name for how long it may take.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as out:
        # with its tree of macroblocks, x264 writes narrow pictures another way each time
        options = {"preset": preset, "crf": str(crf), "x264-params": "mbtree=0"}
        stream = out.add_stream("libx264", rate=rate, options=options)
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    part.rename(path)
