"""Reading of tubes from a dataset, and writing of keyframe marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import fiftyone as fo
import numpy as np
from fiftyone.core.collections import SampleCollection
from numpy.typing import NDArray

from ..boxes import are_boxes, box_array, corners
from ..dataset.labels import SENTENCE
from ..dataset.reading import labels_of

UNNAMED = "object"
"""Label for boxes without one: annotation tools require a label for each track."""

BATCH = 8
"""Number of videos read at once: bounds memory, and keeps the cost of queries low."""


@dataclass(frozen=True, eq=False)
class StoredTube:
    """The boxes of one label and index in one video.

    Attributes:
        sentence: the sentence or, where there is none beside it, the label.
        frames: (N,) 1-based frame numbers, ascending unless a frame has several boxes.
        xyxy: (N, 4) boxes relative to the frame.
        frame_ids: N ids of the frames.
        label_ids: N ids of the detections.
    """

    sentence: str
    frames: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    frame_ids: NDArray[np.str_]
    label_ids: NDArray[np.str_]

    @property
    def is_box(self) -> NDArray[np.bool_]:
        """(N,) whether each box is finite and has an area."""
        return are_boxes(self.xyxy)

    @property
    def twice(self) -> int | None:
        """The first frame with several boxes, if any."""
        repeated = np.flatnonzero(np.diff(self.frames) == 0)
        return int(self.frames[repeated[0]]) if len(repeated) else None

    def take(self, rows: NDArray[np.bool_]) -> StoredTube:
        """The boxes at the given rows."""
        return StoredTube(
            self.sentence,
            self.frames[rows],
            self.xyxy[rows],
            self.frame_ids[rows],
            self.label_ids[rows],
        )


@dataclass(frozen=True)
class StoredVideo:
    """A sample with its tubes.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        metadata: the sample's metadata, if any.
        tubes: the tubes, sorted by index, then by label.
    """

    sample_id: str
    filepath: str
    metadata: fo.VideoMetadata | None
    tubes: list[StoredTube]


def read_tubes(samples: SampleCollection, field: str) -> Iterator[StoredVideo]:
    """Reads the tubes of a frame field of `Detections`, a few videos at a time.

    Args:
        samples: a video dataset or view; the label filters of a view apply.
        field: the frame field, without ``frames.``.

    Yields:
        Every video in order, including those without a tube. The keyframes of a video may be
        written before the next video is requested, even if the view filters by them.
    """
    path = f"frames.{field}.detections"
    named = SENTENCE if samples.has_field(f"{path}.{SENTENCE}") else "label"
    of_labels = [f"{path}.{name}" for name in ("id", "index", "label", named, "bounding_box")]
    of_videos = ["id", "filepath", "metadata", "frames.id", "frames.frame_number", *of_labels]
    ids = samples.values("id")
    for start in range(0, len(ids), BATCH):
        view = labels_of(samples, ids[start : start + BATCH], f"frames.{field}")
        for sample_id, filepath, metadata, *frames in zip(*view.values(of_videos), strict=True):
            yield StoredVideo(sample_id, filepath, metadata, _tubes(*frames))


def write_keyframes(
    dataset: fo.Dataset, field: str, marks: list[tuple[StoredTube, NDArray[np.bool_]]]
) -> None:
    """Writes the keyframe marks of all boxes of a video in one bulk write.

    Args:
        dataset: the dataset, whose field has the attribute ``keyframe``.
        field: the frame field, without ``frames.``.
        marks: tubes, and (N,) whether each of their boxes is a keyframe.
    """
    values = [
        {"frame_id": frame_id, "label_id": label_id, "value": value}
        for tube, keys in marks
        for frame_id, label_id, value in zip(
            tube.frame_ids.tolist(), tube.label_ids.tolist(), keys.tolist(), strict=True
        )
    ]
    if values:
        dataset.set_label_values(f"frames.{field}.detections.keyframe", values)


def _tubes(
    frame_ids: list[str],
    numbers: list[int],
    label_ids: list[list[str] | None],
    indexes: list[list[int | None] | None],
    labels: list[list[str | None] | None],
    sentences: list[list[str | None] | None],
    boxes: list[list[list[float] | None] | None],
) -> list[StoredTube]:
    tubes = defaultdict(list)
    frames = zip(numbers, frame_ids, label_ids, indexes, labels, sentences, boxes, strict=True)
    for number, frame_id, *columns in sorted(frames, key=lambda frame: frame[0]):
        labelled = zip(*(column or [] for column in columns), strict=True)
        for label_id, index, label, sentence, box in labelled:
            row = (number, box, frame_id, label_id)
            tubes[-1 if index is None else index, sentence or label or UNNAMED].append(row)
    return [_tube(sentence, rows) for (_, sentence), rows in sorted(tubes.items())]


def _tube(sentence: str, rows: list[tuple[int, list[float] | None, str, str]]) -> StoredTube:
    numbers, boxes, frame_ids, label_ids = zip(*rows, strict=True)
    return StoredTube(
        sentence,
        np.array(numbers),
        corners(box_array(boxes)),
        np.array(frame_ids),
        np.array(label_ids),
    )
