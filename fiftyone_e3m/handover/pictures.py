"""The frames of a video as the pictures that annotation files name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ..paths import write_inside
from ..request import GroundingError
from ..video import Video, VideoError
from .formats import Writer
from .tubes import HandedVideo


def write_pictures(
    out: Path, video: HandedVideo, writer: Writer, problems: list[str]
) -> Iterator[Path]:
    """Writes the frames that a format names as JPEG, and yields their paths.

    The frames are those of the tube, whatever the frame rate does; a tool that copies frames out of
    a video may number them otherwise.

    Args:
        out: the output folder.
        video: the video with its tubes.
        writer: the format.
        problems: receives a sentence if a frame cannot be read or written; the rest of this video
            is left out.
    """
    pictures = writer.pictures(video)
    paths = list(pictures.values())
    try:
        frames = Video.open(video.filepath).read(np.array(list(pictures)) - 1)
        for i, frame in frames:
            _, encoded = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
            yield write_inside(out, paths[i], encoded.tobytes())
    except (VideoError, GroundingError, OSError) as error:
        problems.append(f"Not all pictures of {video.filepath} could be written: {error}")
