"""An opened video file: its video stream, its packets, its pictures (PyAV)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

from .counts import check_counts
from .errors import VideoError, check_file

Image = NDArray[np.uint8]

INDEXED = ("mov", "avi", "matroska")
"""FFmpeg's names of the containers in which only a packet that is cut off counts as damaged."""
DECODER = ("PyAV", 2)
"""Everything that pixels and frame numbers depend on besides the file; the cache tells apart by it.
Raise the number when either changes."""
HD = 720
"""Lines from which browsers take a video that names no colour space for BT.709."""
FEW = 100
"""First pictures that tell the order: four seconds, in which encoders hardly do without B pictures
if they use any."""
_UNKNOWN = 2
"""FFmpeg's number of an unspecified colour space."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """Opens a file.

    Yields:
        The container and its first video stream.

    Raises:
        VideoError: the file is missing or may not be read, is not a video, has only sound, or its
            header would fill the memory.
    """
    check_file(path)
    check_counts(path)
    try:
        # absolute, as FFmpeg would read "12:30.mp4" as protocol "12"; playlists open nothing else
        local = {"protocol_whitelist": "file"}
        container = av.open(str(path.absolute()), options=local, metadata_errors="replace")
    except av.FFmpegError as error:
        raise VideoError(
            f"{path.name} is not a video that can be opened ({path.stat().st_size} bytes). "
            "Check the file, or encode it as H.264 in MP4."
        ) from error
    with container:
        covers = Disposition.attached_pic
        streams = [s for s in container.streams.video if not s.disposition & covers]
        if not streams:
            raise VideoError(f"{path.name} holds no video, only {_content(container)}.")
        if streams[0].codec_context is None:
            raise VideoError(f"The codec of {path.name} is unknown. Encode it as H.264 in MP4.")
        streams[0].thread_type = "AUTO"
        try:
            yield container, streams[0]
        finally:
            # stops the decoder's threads: closing would wait for them and keep Python's lock, while
            # they wait for it, if damage goes to Python's log, as older torchvision wants it
            streams[0].codec_context.flush_buffers()


def _content(container: av.container.InputContainer) -> str:
    kinds = dict.fromkeys("a cover" if s.type == "video" else s.type for s in container.streams)
    return " and ".join(kinds) or "an empty container"


def packets(container: av.container.InputContainer, stream: av.VideoStream) -> Generator[av.Packet]:
    """The packets of a stream, an empty one last; goes on after one that cannot be read.

    Leaves out one that the end of the file cuts off: decoders would lose those before it, too.
    """
    failed, partial = False, container.format.name.startswith(INDEXED)
    while True:
        try:
            for packet in container.demux(stream):
                failed = False
                if not (partial and packet.is_corrupt):
                    yield packet
            return
        except av.FFmpegError:
            if failed:  # twice in a row: there is nothing more
                yield av.Packet()
                return
            failed = True


def pictures(path: Path, start: int | None = None) -> Generator[av.VideoFrame]:
    """The pictures of a file in the order in which they are shown.

    Where one cannot be decoded, the file is read again in a single thread, which knows which one it
    is and loses no other, and reading goes on with the next.

    Args:
        path: the file.
        start: a timestamp; begins at the last keyframe before it.
    """
    n_given = 0
    for careful in (False, True):
        n_skip = n_given
        with opened(path) as (container, stream):
            if start is not None:
                try:
                    container.seek(start, stream=stream)
                except av.FFmpegError:
                    return
            if careful:
                stream.codec_context.thread_count = 1
            for packet in packets(container, stream):
                try:
                    frames = stream.codec_context.decode(packet if packet.size else None)
                except av.FFmpegError:
                    if not careful:
                        break
                else:
                    for frame in frames:
                        if n_skip:
                            n_skip -= 1
                            continue
                        n_given += 1
                        yield frame
            else:
                return


def in_order(path: Path) -> bool:
    """Whether the first pictures have ascending timestamps in the order in which they are shown."""
    with closing(pictures(path)) as decoded:
        times = [picture.pts or 0 for picture in islice(decoded, FEW)]
    return all(time < later for time, later in pairwise(times))


def to_rgb(picture: av.VideoFrame, converter: VideoReformatter | None = None) -> Image:
    """(H, W, 3) uint8 RGB, upright, in the colours that a browser shows.

    Args:
        picture: a decoded picture.
        converter: kept from picture to picture, it saves a fifth of the time of reading a video.
    """
    space = None
    if picture.colorspace == _UNKNOWN and not picture.format.is_rgb:
        space = Colorspace.ITU709 if picture.height >= HD else Colorspace.ITU601
    converter = converter or VideoReformatter()
    image: Image = converter.reformat(picture, format="rgb24", src_colorspace=space).to_ndarray()  # type: ignore[assignment]
    turns = round(picture.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
