"""MOTChallenge: every box of a tube, because the format has no interpolation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..texts import distinct
from .tubes import HandedVideo, numbered_sentences

IMAGES = "img1"
PARTS = "gt/gt.txt", "gt/labels.txt", "gt/trackeval.txt", "seqinfo.ini"


def paths(names: Sequence[str], pictures: bool = False) -> list[str]:
    """Paths of the files for videos with these names: four files each, and a folder of pictures."""
    parts = (*PARTS, IMAGES) if pictures else PARTS
    return [f"{name}/{part}" for name in names for part in parts]


def files(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """Makes the files of a set of videos, one sequence per video.

    A line of ``gt/gt.txt`` is: frame, track, x, y, width, height, confidence, class, visibility.
    Frames, tracks and classes count from 1, and so do pixels: the top left pixel is (1, 1). Classes
    are the lines of ``gt/labels.txt``, the same in all sequences. ``gt/trackeval.txt`` is the same
    with class 1 throughout: TrackEval's class 1 is pedestrians, and it refuses or removes boxes of
    all others.

    Returns:
        File contents by path.
    """
    classes = numbered_sentences(videos)
    lines = "".join(f"{name}\n" for name in labels(videos).values())
    one_class = dict.fromkeys(classes, 1)
    contents: dict[str, str] = {}
    for video in videos:
        parts = _tracks(video, classes), lines, _tracks(video, one_class), _sequence(video)
        contents.update(zip(paths([video.name]), parts, strict=True))
    return contents


def labels(videos: Sequence[HandedVideo]) -> dict[str, str]:
    """The line of ``gt/labels.txt`` of each sentence, which has no line break, and is its own."""
    return distinct(numbered_sentences(videos))


def pictures(video: HandedVideo) -> dict[int, str]:
    """All frames, named as MOTChallenge names them."""
    numbers = range(1, video.frame_count + 1)
    return {number: f"{video.name}/{IMAGES}/{number:06d}.jpg" for number in numbers}


def _tracks(video: HandedVideo, classes: dict[str, int]) -> str:
    lines = []
    for number, tube in enumerate(video.tubes, 1):
        boxes = tube.xywh + np.array([1, 1, 0, 0])
        for frame, (x, y, w, h) in zip(tube.frames.tolist(), boxes.tolist(), strict=True):
            box = f"{x:.3f},{y:.3f},{w:.3f},{h:.3f}"
            lines.append(f"{frame},{number},{box},1,{classes[tube.sentence]},1\n")
    return "".join(lines)


def _sequence(video: HandedVideo) -> str:
    return (
        f"[Sequence]\nname={video.name}\nimDir={IMAGES}\nframeRate={video.frame_rate:g}\n"
        f"seqLength={video.frame_count}\nimWidth={video.width}\nimHeight={video.height}\n"
        "imExt=.jpg\n"
    )
