"""COCO detection: frames as images, every box of a tube.

COCO has no interpolation, and an image without a box means that there is no object. All frames of a
tube are therefore written, not only the keyframes, which are marked in ``attributes``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from .tubes import HandedVideo, numbered_sentences

LABELS = "labels.json"


def paths(names: Sequence[str]) -> list[str]:
    """Paths of the files that `files` writes: one file for all videos."""
    return [LABELS]


def files(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """Writes one file for all videos: ``labels.json``.

    Its images are the frames that have a box, named as ``ffmpeg -i VIDEO
    data/NAME/frame_%06d.jpg`` names them. Each annotation has a ``track_id``, one per tube.

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
            rows = zip(
                tube.frames.tolist(), tube.xywh.tolist(), tube.keyframes.tolist(), strict=True
            )
            for frame, box, keyframe in rows:
                image = images.setdefault(
                    (video.name, frame),
                    {
                        "id": len(images) + 1,
                        "file_name": f"{video.name}/frame_{frame:06d}.jpg",
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
                        "area": round(box[2] * box[3], 3),
                        "iscrowd": 0,
                        "track_id": track,
                        "attributes": {"keyframe": keyframe},
                    }
                )
    named = [{"id": number, "name": sentence} for sentence, number in categories.items()]
    content = {
        "images": list(images.values()),
        "annotations": annotations,
        "categories": named,
    }
    return {LABELS: json.dumps(content)}
