"""Reading of tubes from a dataset, and writing of keyframe marks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Any

import fiftyone as fo
import numpy as np
from fiftyone.core.collections import SampleCollection
from numpy.typing import NDArray

from ..boxes import are_boxes, box_array, corners
from ..dataset.labels import SENTENCE
from ..dataset.naming import whole_sentences
from ..dataset.reading import labels_of

UNNAMED = "object"
"""Label for boxes without one: annotation tools require a label for each track."""

Mask = NDArray[Any] | str
CLASS = "class_name"
"""Attribute of a box of a tube with the class of its object."""
MASKS = ("mask", "mask_path")
"""Attributes of a detection that may hold its mask."""

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
        classes: N classes, or else labels.
        confidences: N confidences, None for a box without one.
        masks: N masks (h, w) within the boxes, or paths of files with one; None for a box without
            one, and if they were not read.
    """

    sentence: str
    frames: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    frame_ids: NDArray[np.str_]
    label_ids: NDArray[np.str_]
    classes: tuple[str | None, ...]
    confidences: tuple[float | None, ...]
    masks: tuple[Mask | None, ...]

    @property
    def is_box(self) -> NDArray[np.bool_]:
        """(N,) whether each box is finite and has an area."""
        return are_boxes(self.xyxy)

    @property
    def label(self) -> str:
        """The class of most boxes, or else the sentence."""
        known = Counter(name for name in self.classes if name)
        return known.most_common(1)[0][0] if known else self.sentence

    @property
    def confidence(self) -> float | None:
        """The mean confidence of the boxes that have one."""
        known = [value for value in self.confidences if value is not None]
        return float(np.mean(known)) if known else None

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
            tuple(compress(self.classes, rows)),
            tuple(compress(self.confidences, rows)),
            tuple(compress(self.masks, rows)),
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


def count_masks(samples: SampleCollection, field: str) -> int:
    """The number of boxes that have a mask, in the database or in a file."""
    path = f"frames.{field}.detections"
    return sum(samples.count(f"{path}.{name}") for name in MASKS)


def read_tubes(samples: SampleCollection, field: str, masks: bool = False) -> Iterator[StoredVideo]:
    """Reads the tubes of a frame field of `Detections`, a few videos at a time.

    Args:
        samples: a video dataset or view; the label filters of a view apply.
        field: the frame field, without ``frames.``.
        masks: read the masks as well, one video at a time.

    Yields:
        Every video in order, including those without a tube. The keyframes of a video may be
        written before the next video is requested, even if the view filters by them.
    """
    path = f"frames.{field}.detections"
    named = SENTENCE if samples.has_field(f"{path}.{SENTENCE}") else "label"
    kind = CLASS if samples.has_field(f"{path}.{CLASS}") else "label"
    names: tuple[str, ...] = ("id", "index", "label", named, "bounding_box", kind, "confidence")
    names += MASKS if masks else ()
    of_labels = [f"{path}.{name}" for name in names]
    of_videos = ["id", "filepath", "metadata", "frames.id", "frames.frame_number", *of_labels]
    ids = samples.values("id")
    batch = 1 if masks else BATCH
    for start in range(0, len(ids), batch):
        view = labels_of(samples, ids[start : start + batch], f"frames.{field}")
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
    frame_ids: list[str], numbers: list[int], *columns: list[list[Any] | None]
) -> list[StoredTube]:
    """The tubes of a video, from its frames and the columns of its labels."""
    tubes = defaultdict(list)
    rows = [
        list(zip(*(column or [] for column in of_frame), strict=True))
        for of_frame in zip(*columns, strict=True)
    ]
    sentences = whole_sentences([[row[2:4] for row in frame] for frame in rows])
    frames = zip(numbers, frame_ids, rows, sentences, strict=True)
    for number, frame_id, boxes, named in sorted(frames, key=lambda frame: frame[0]):
        for row, sentence in zip(boxes, named, strict=True):
            label_id, index, _, _, box, kind, confidence, *masks = row
            mask = next((each for each in masks if each is not None), None)
            at = -1 if index is None else index, sentence or UNNAMED
            tubes[at].append((number, box, frame_id, label_id, kind, confidence, mask))
    return [_tube(sentence, rows) for (_, sentence), rows in sorted(tubes.items())]


def _tube(
    sentence: str,
    rows: list[tuple[int, list[float] | None, str, str, str | None, float | None, Mask | None]],
) -> StoredTube:
    numbers, boxes, frame_ids, label_ids, classes, confidences, masks = zip(*rows, strict=True)
    return StoredTube(
        sentence,
        np.array(numbers),
        corners(box_array(boxes)),
        np.array(frame_ids),
        np.array(label_ids),
        classes,
        confidences,
        masks,
    )
