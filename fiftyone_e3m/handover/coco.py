"""COCO detection: frames as images, every box of a tube.

COCO has no interpolation, and an image without a box means that there is no object. All frames of a
tube are therefore written, not only the keyframes, which are marked in ``attributes``. A mask is a
``segmentation`` in run lengths, and its pixels are the ``area``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from .tubes import HandedVideo, numbered_sentences

LABELS, DATA = "labels.json", "data"


def paths(names: Sequence[str], pictures: bool = False) -> list[str]:
    """Paths of the files for videos with these names: one for all, and folders of pictures."""
    return [LABELS, *(f"{DATA}/{name}" for name in names if pictures)]


def files(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """Writes one file for all videos: ``labels.json``.

    Its images are the frames that have a box; `pictures` names them. Each annotation has a
    ``track_id``, one per tube.

    Returns:
        File contents by path.
    """
    categories = numbered_sentences(videos)
    images: dict[tuple[str, int], dict[str, Any]] = {}
    annotations: list[dict[str, Any]] = []
    tracks = count(1)
    for video in videos:
        for tube in video.tubes:
            track = next(tracks)
            masks = tube.masks or [None] * len(tube.frames)
            columns = tube.frames.tolist(), tube.xywh.tolist(), tube.keyframes.tolist(), masks
            for frame, box, keyframe, mask in zip(*columns, strict=True):
                image = images.setdefault(
                    (video.name, frame),
                    {
                        "id": len(images) + 1,
                        "file_name": _picture(video, frame),
                        "width": video.width,
                        "height": video.height,
                    },
                )
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image["id"],
                        "category_id": categories[tube.sentence],
                        "bbox": [round(value, 3) for value in box],
                        "area": round(box[2] * box[3], 3) if mask is None else sum(mask[1::2]),
                        "iscrowd": 0,
                        "track_id": track,
                        "attributes": {"keyframe": keyframe},
                        **_segmentation(mask, video),
                    }
                )
    named = [{"id": number, "name": sentence} for sentence, number in categories.items()]
    content = {
        "images": list(images.values()),
        "annotations": annotations,
        "categories": named,
    }
    return {LABELS: json.dumps(content)}


def labels(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """Each sentence as it is: JSON holds any text."""
    return {sentence: sentence for sentence in numbered_sentences(videos)}


def pictures(video: HandedVideo) -> dict[int, str]:
    """The frames that have a box, in the folder that FiftyOne's importer looks into."""
    numbers = sorted({number for tube in video.tubes for number in tube.frames.tolist()})
    return {number: f"{DATA}/{_picture(video, number)}" for number in numbers}


def _segmentation(mask: list[int] | None, video: HandedVideo) -> dict[str, Any]:
    if mask is None:
        return {}
    return {"segmentation": {"size": [video.height, video.width], "counts": mask}}


def _picture(video: HandedVideo, frame: int) -> str:
    return f"{video.name}/frame_{frame:06d}.jpg"
