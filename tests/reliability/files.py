"""Kinds of files: a healthy video made worse, and healthy ones that are rare."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..films import announce, spoil
from .table import REST, Case

N, FPS, SIZE = 12, 10, (64, 48)
RED, GREY = (220, 30, 30), (60, 60, 60)
IDENTITY = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
QUARTER_TURN = struct.pack(">9I", 0, 1 << 16, 0, (1 << 32) - (1 << 16), 0, 0, 0, 0, 1 << 30)
"""Display matrices of MP4."""


@dataclass(frozen=True, kw_only=True)
class FileCase(Case):
    """A kind of file.

    Attributes:
        make: makes it in a folder; returns the file path of the sample.
        by_command: whether the command line takes such a path.
    """

    make: Callable[[Path], object]
    by_command: bool = True


def picture(size: tuple[int, int] = SIZE, red: bool = True) -> np.ndarray:
    """A grey picture, perhaps with a red box in the middle."""
    width, height = size
    image = np.full((height, width, 3), GREY, np.uint8)
    if red:
        image[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = RED
    return image


def encode(
    path: Path,
    n: int = N,
    size: tuple[int, int] = SIZE,
    codec: str = "mpeg4",
    times: Sequence[int] | None = None,
    kind: str | None = None,
    pixels: str = "yuv420p",
) -> Path:
    """Writes a video whose middle half has a red box.

    `times` are the timestamps of the frames in units of 1/FPS.
    """
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, FPS)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, FPS)
        times = list(times or range(n))
        for i, time in enumerate(times):
            red = len(times) < 4 or len(times) // 4 <= i < 3 * len(times) // 4
            frame = av.VideoFrame.from_ndarray(picture(size, red), "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def audio_only(path: Path) -> Path:
    """A second of silence in MP4."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", 16000, layout="mono")
        for at in range(0, 16000, 1000):
            silence = np.zeros((1, 1000), np.float32)
            frame = av.AudioFrame.from_ndarray(silence, "fltp", "mono")
            frame.sample_rate, frame.pts = 16000, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def cut(path: Path, share: float) -> Path:
    """The first part of a video."""
    content = encode(path, 60).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def announcing(path: Path, n: int) -> Path:
    """An AVI file whose headers announce another number of frames."""
    announce(encode(path), n)
    return path


def overstating(path: Path, n: int) -> Path:
    """An MP4 file whose index announces another number of samples, of a byte each."""
    content = bytearray(encode(path).read_bytes())
    at = content.index(b"stsz") + 8
    content[at : at + 8] = struct.pack(">2I", 1, n)
    path.write_bytes(content)
    return path


def rotated(path: Path) -> Path:
    """A portrait video: its pictures are to be turned by 90 degrees."""
    content = encode(path).read_bytes()
    head, tail = content.split(b"tkhd", 1)
    assert IDENTITY in tail
    path.write_bytes(head + b"tkhd" + tail.replace(IDENTITY, QUARTER_TURN, 1))
    return path


def noisy(path: Path) -> Path:
    """A video with noise in the middle of its data."""
    spoil(path, encode(path, 60).read_bytes().index(b"mdat") + 600, 60)
    return path


def written(path: Path, content: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content)
    return path


def folder(path: Path) -> Path:
    """A folder."""
    path.mkdir()
    return path


def link(path: Path, target: str) -> Path:
    """A symbolic link."""
    path.symlink_to(target)
    return path


def pipe(path: Path) -> Path:
    """A named pipe, which blocks whoever opens it."""
    os.mkfifo(path)
    return path


def locked(path: Path) -> Path:
    """A file that nobody may read, root aside."""
    path.touch(0)
    return path


def deep(at: Path) -> Path:
    """A video below folders with long names: a path of more than 255 characters."""
    at = at.joinpath(*["d" * 100] * 3)
    at.mkdir(parents=True)
    return encode(at / "deep.mp4")


NO_FILE = f"{REST} does not exist. Correct the sample's filepath."
NO_VIDEO = f"{REST} is not a video that can be opened ({REST} bytes)."

FILES = (
    FileCase(what="whole video", outcome="ok", make=lambda at: encode(at / "whole.mp4")),
    FileCase(
        what="one frame",
        outcome="one_frame",
        says="single frame",
        make=lambda at: encode(at / "one.mp4", 1),
    ),
    FileCase(
        what="1 x 1 pixels",
        outcome="no_boxes",
        says="No box was found in any of the ",
        make=lambda at: encode(at / "tiny.avi", size=(1, 1), codec="ffv1", pixels="gray"),
    ),
    FileCase(
        what="odd width and height",
        outcome="ok",
        make=lambda at: encode(at / "odd.avi", size=(65, 49), codec="ffv1", pixels="yuv444p"),
    ),
    FileCase(
        what="8k, a frame or two",
        outcome="one_frame",
        says="single frame",
        make=lambda at: encode(
            at / "8k.avi", 2, size=(7680, 4320), codec="mjpeg", pixels="yuvj420p"
        ),
    ),
    FileCase(
        what="variable frame rate (Matroska)",
        outcome="ok",
        says=f"The pictures of {REST} are not evenly spaced in time. Frames are numbered by time "
        f"at {REST} per second, as in FiftyOne's player; tools that count pictures use other "
        "numbers.",
        make=lambda at: encode(at / "vfr.mkv", times=[0, 1, 2, 5, 6, 7, 12, 13, 14, 20]),
    ),
    FileCase(what="rotation tag", outcome="ok", make=lambda at: rotated(at / "portrait.mp4")),
    FileCase(
        what="edit list: the first picture is shown late",
        outcome="ok",
        says=f"The first picture of {REST} comes 0.5 s late. Frames are numbered by time, as in "
        "FiftyOne's player; tools that count pictures use numbers that are 5 lower.",
        make=lambda at: encode(at / "late.mp4", times=range(5, 5 + N)),
    ),
    FileCase(
        what="more frames than announced (AVI)",
        outcome="ok",
        make=lambda at: announcing(at / "more.avi", 3),
    ),
    FileCase(
        what="50 million frames announced, 12 there (AVI)",
        outcome="ok",
        make=lambda at: announcing(at / "fewer.avi", 50_000_000),
    ),
    FileCase(
        what="50 million frames announced, 12 there (MP4)",
        outcome="unreadable",
        says=f"{REST} announces 50,000,000 samples of a byte or more, but has only {REST} bytes: "
        "its header is damaged or false, and reading it could fill the memory.",
        make=lambda at: overstating(at / "stated.mp4", 50_000_000),
    ),
    FileCase(
        what="AVI of pictures that are shown in another order than they are decoded",
        outcome="ok",
        make=lambda at: encode(at / "reordered.avi", codec="libx264"),
    ),
    FileCase(
        what="AVI named .mp4",
        outcome="ok",
        make=lambda at: encode(at / "wrong.mp4", kind="avi"),
    ),
    FileCase(
        what="transport stream named .mp4",
        outcome="ok",
        make=lambda at: encode(at / "stream.mp4", kind="mpegts", codec="mpeg2video"),
    ),
    FileCase(
        what="name in other scripts and emoji",
        outcome="ok",
        make=lambda at: encode(at / "видео 動画 🎬.mp4"),
    ),
    FileCase(
        what="name with a line break and quotes",
        outcome="ok",
        make=lambda at: encode(at / "a\nb 'c' \"d\".mp4"),
    ),
    FileCase(
        what="name with markup",
        outcome="ok",
        make=lambda at: encode(at / "[red]<img src=x>![y](z)[.mp4"),
    ),
    FileCase(
        what="name with a colon, as in 12:30.mp4",
        outcome="ok",
        make=lambda at: encode(at / "12:30.mp4"),
    ),
    FileCase(
        what="name of 255 bytes",
        outcome="ok",
        make=lambda at: encode(at / ("n" * 251 + ".mp4")),
    ),
    FileCase(what="path of more than 255 characters", outcome="ok", make=deep),
    FileCase(
        what="name of more than 255 bytes",
        outcome="unreadable",
        says=f"The path of {REST} is too long for this system: {REST} Rename the file",
        make=lambda at: at / ("n" * 300 + ".mp4"),
    ),
    FileCase(
        what="missing",
        outcome="unreadable",
        says=NO_FILE,
        make=lambda at: at / "missing.mp4",
    ),
    FileCase(
        what="folder",
        outcome="unreadable",
        says=f"{REST} is a folder. Correct the sample's filepath.",
        make=lambda at: folder(at / "folder.mp4"),
    ),
    FileCase(
        what="below a file",
        outcome="unreadable",
        says=NO_FILE,
        make=lambda at: encode(at / "parent.mp4") / "child.mp4",
    ),
    FileCase(
        what="link to a video",
        outcome="ok",
        make=lambda at: link(at / "linked.mp4", str(encode(at / "target.mp4"))),
    ),
    FileCase(
        what="link to nothing",
        outcome="unreadable",
        says=f"{REST} does not exist. Correct the sample's filepath.",
        make=lambda at: link(at / "dangling.mp4", "nothing.mp4"),
    ),
    FileCase(
        what="link to itself",
        outcome="unreadable",
        says=f"{REST} is a link that leads back to itself. Correct the sample's filepath.",
        make=lambda at: link(at / "loop.mp4", "loop.mp4"),
    ),
    FileCase(
        what="named pipe",
        outcome="unreadable",
        says=f"{REST} is not a regular file. Correct the sample's filepath.",
        make=lambda at: pipe(at / "pipe.mp4"),
    ),
    FileCase(
        what="address (https)",
        outcome="unreadable",
        says="https://example.org/a.mp4 is a remote address, and only local files can be read.",
        make=lambda at: "https://example.org/a.mp4",
        by_command=False,
    ),
    FileCase(
        what="address (s3)",
        outcome="unreadable",
        says="s3://bucket/a.mp4 is a remote address, and only local files can be read.",
        make=lambda at: "s3://bucket/a.mp4",
        by_command=False,
    ),
    FileCase(
        what="empty file",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: written(at / "empty.mp4", b""),
    ),
    FileCase(
        what="text named .mp4",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: written(at / "text.mp4", b"this is no video\n" * 99),
    ),
    FileCase(
        what="zeros",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: written(at / "zeros.mp4", bytes(5000)),
    ),
    FileCase(
        what="noise",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: written(at / "noise.mp4", np.random.default_rng(1).bytes(5000)),
    ),
    FileCase(
        what="playlist that names another file",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: written(at / "list.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
    ),
    FileCase(
        what="sound only",
        outcome="unreadable",
        says=f"{REST} holds no video, only audio.",
        make=lambda at: audio_only(at / "sound.mp4"),
    ),
    FileCase(
        what="half a file (MP4, no index)",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: cut(at / "half.mp4", 0.5),
    ),
    FileCase(
        what="half a file (AVI)",
        outcome="unreadable",
        says=NO_VIDEO,
        make=lambda at: cut(at / "half.avi", 0.5),
    ),
    FileCase(
        what="noise in the middle of the data",
        outcome="ok",
        says=f"{REST} is damaged: {REST} of about 60 pictures may look wrong, the first is number "
        f"{REST}: they were decoded with errors, or build on a picture that was or is lost. "
        f"Download or encode it again. {REST} is damaged: {REST} of about 60 pictures could not be "
        f"decoded, the first is number {REST}.",
        make=lambda at: noisy(at / "noisy.mp4"),
    ),
)
"""Kinds of files and the status of each."""

LOCKED = FileCase(
    what="no permission",
    outcome="unreadable",
    says=f"There is no permission to read {REST}: change the permissions of the file or of its "
    "folder.",
    make=lambda at: locked(at / "locked.mp4"),
)
"""A file that root may read; it becomes somebody else for it."""
