"""Label Studio, video object tracking: keyframes as predictions; it interpolates between them.

The class of a tube is its label; its sentence and confidence are controls of the region.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from ..keyframes import segments
from .tubes import HandedTube, HandedVideo

TASKS, CONFIG = "label_studio.json", "label_studio_config.xml"
LOCAL = "/data/local-files/?d="
"""Where Label Studio serves local files, if the server allows it; paths follow from its root."""


def paths(names: Sequence[str], pictures: bool = False) -> list[str]:
    """Paths of the files: one for all videos, and the labelling interface."""
    return [TASKS, CONFIG]


def files(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """Makes the files of a set of videos.

    ``label_studio.json`` holds a task per video, to be imported into a project whose labelling
    interface is ``label_studio_config.xml``. The tasks name videos by their path on this machine,
    which Label Studio serves with ``LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true`` and
    ``LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=/``.

    Returns:
        File contents by path.
    """
    tasks = [_task(video) for video in videos]
    return {TASKS: json.dumps(tasks, indent=2), CONFIG: _interface(videos)}


def labels(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """The sentences, as they are: they are texts here, not labels."""
    return {tube.sentence: tube.sentence for video in videos for tube in video.tubes}


def pictures(video: HandedVideo) -> dict[int, str]:
    """None: Label Studio works on the video itself."""
    return {}


def _task(video: HandedVideo) -> dict[str, Any]:
    place = LOCAL + quote(Path(video.filepath).as_posix().lstrip("/"))
    results = [
        result
        for number, tube in enumerate(video.tubes, 1)
        for result in _region(video, tube, f"tube_{number}")
    ]
    return {
        "data": {"video": place, "fps": video.frame_rate, "name": video.name},
        "predictions": [{"model_version": "fiftyone_e3m", "result": results}],
    }


def _region(video: HandedVideo, tube: HandedTube, name: str) -> Iterator[dict[str, Any]]:
    """The track of a tube, and what is said of it."""
    of_region = {"id": name, "to_name": "video"}
    known = tube.confidence is not None
    yield of_region | {
        "from_name": "box",
        "type": "videorectangle",
        "value": {
            "framesCount": video.frame_count,
            "duration": video.frame_count / video.frame_rate,
            "sequence": list(_sequence(video, tube)),
            "labels": [tube.label],
        },
        **({"score": tube.confidence} if known else {}),
    }
    text = {"from_name": "sentence", "type": "textarea", "value": {"text": [tube.sentence]}}
    yield of_region | text
    if known:
        number = {"number": tube.confidence}
        yield of_region | {"from_name": "confidence", "type": "number", "value": number}


def _sequence(video: HandedVideo, tube: HandedTube) -> Iterator[dict[str, Any]]:
    """The keyframes; the last of every segment ends the object's life, as its boxes are enabled."""
    scale = (100 / video.width, 100 / video.height) * 2
    for part in segments(tube.frames):
        for i in range(part.start, part.stop):
            if tube.keyframes[i]:
                frame = int(tube.frames[i])
                x, y, width, height = (tube.xywh[i] * scale).tolist()
                yield {
                    "frame": frame,
                    "time": (frame - 1) / video.frame_rate,
                    "enabled": i + 1 < part.stop,
                    "rotation": 0,
                    **{"x": x, "y": y, "width": width, "height": height},
                }


def _interface(videos: Sequence[HandedVideo]) -> str:
    view = ET.Element("View")
    ET.SubElement(view, "Header", value="$name")
    listed = ET.SubElement(view, "Labels", name="label", toName="video")
    for label in sorted({tube.label for video in videos for tube in video.tubes}):
        ET.SubElement(listed, "Label", value=label)
    ET.SubElement(view, "Video", name="video", value="$video", framerate="$fps")
    ET.SubElement(view, "VideoRectangle", name="box", toName="video")
    of_region = {"toName": "video", "perRegion": "true"}
    ET.SubElement(view, "TextArea", {"name": "sentence", "editable": "true"} | of_region)
    ET.SubElement(view, "Number", {"name": "confidence", "min": "0", "max": "1"} | of_region)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode")
