"""CVAT for video 1.1: keyframes only; CVAT interpolates the boxes between them.

FiftyOne has an exporter for this format, but it writes every box of a tube. Given only keyframes,
it takes the frames between them for gaps and ends the track at each. It also rounds to whole
pixels, and a sentence with ``&`` or ``"`` makes its files invalid. FiftyOne's importer can read the
files written here::

    fo.Dataset.from_dir(out, fo.types.CVATVideoDataset, data_path="data.json")
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from ..keyframes import segments
from ..texts import distinct, printable
from .tubes import HandedTube, HandedVideo, numbered_sentences

MAX_LABEL = 64
"""Maximum length of a CVAT label name, in characters."""

LABELS, MANIFEST = "cvat_labels.json", "data.json"


def paths(names: Sequence[str], pictures: bool = False) -> list[str]:
    """Paths of the files for videos with these names: one file each, and two shared files."""
    return [*map(_path, names), LABELS, MANIFEST]


def files(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """Makes the files of a set of videos.

    ``labels/<name>.xml`` holds the tracks of a video, to be uploaded to its CVAT task in the format
    "CVAT 1.1". ``cvat_labels.json`` is for the "Raw" tab of the task's labels, which must be set up
    first. ``data.json`` holds the paths of the videos, for FiftyOne's importer.

    Returns:
        File contents by path.
    """
    names = labels(videos)
    raw = [{"name": name, "type": "rectangle", "attributes": []} for name in names.values()]
    places = {video.name + _suffix(video.filepath): video.filepath for video in videos}
    return {
        **{_path(video.name): _annotations(video, names) for video in videos},
        LABELS: json.dumps(raw, indent=2),
        MANIFEST: json.dumps(places, indent=2),
    }


def labels(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """The label of each sentence: at most `MAX_LABEL` characters, in one line, and its own."""
    return distinct(numbered_sentences(videos), MAX_LABEL)


def pictures(video: HandedVideo) -> dict[int, str]:
    """None: CVAT works on the video itself."""
    return {}


def _suffix(filepath: str) -> str:
    return printable(Path(filepath).suffix)


def _path(name: str) -> str:
    return f"labels/{name}.xml"


def _annotations(video: HandedVideo, names: Mapping[str, str]) -> str:
    root = ET.Element("annotations")
    ET.SubElement(root, "version").text = "1.1"
    task = ET.SubElement(ET.SubElement(root, "meta"), "task")
    for tag, text in {
        "name": video.name,
        "size": video.frame_count,
        "mode": "interpolation",
    }.items():
        ET.SubElement(task, tag).text = str(text)
    listed = ET.SubElement(task, "labels")
    for name in dict.fromkeys(names[tube.sentence] for tube in video.tubes):
        label = ET.SubElement(listed, "label")
        ET.SubElement(label, "name").text = name
        ET.SubElement(label, "attributes")
    size = ET.SubElement(task, "original_size")
    ET.SubElement(size, "width").text = str(video.width)
    ET.SubElement(size, "height").text = str(video.height)
    for number, tube in enumerate(video.tubes, 1):
        track = ET.SubElement(root, "track", id=str(number), label=names[tube.sentence])
        for box in _boxes(tube, video.frame_count):
            ET.SubElement(track, "box", box)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _boxes(tube: HandedTube, frame_count: int) -> Iterator[dict[str, str]]:
    """Keyframes, and after every segment a box that marks the object as outside."""
    for part in segments(tube.frames):
        for i in range(part.start, part.stop):
            if tube.keyframes[i]:
                yield _box(tube, i, int(tube.frames[i]) - 1, outside=False)
        after = int(tube.frames[part.stop - 1])
        if after < frame_count:
            yield _box(tube, part.stop - 1, after, outside=True)


def _box(tube: HandedTube, row: int, frame: int, outside: bool) -> dict[str, str]:
    """A box at a 0-based frame, CVAT's convention."""
    corners = zip(("xtl", "ytl", "xbr", "ybr"), tube.xyxy[row], strict=True)
    return {
        "frame": str(frame),
        "outside": str(int(outside)),
        "occluded": "0",
        "keyframe": "1",
        **{name: f"{value:.3f}" for name, value in corners},
        "z_order": "0",
    }
