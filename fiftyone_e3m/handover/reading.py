"""Tubes out of a dataset, and keyframe marks back into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import fiftyone as fo
import numpy as np
from fiftyone.core.collections import SampleCollection
from numpy.typing import NDArray

from ..boxes import are_boxes, box_array, corners
from ..dataset.reading import labels_of

UNNAMED = "object"
"""Sentence of a box without a label: tools do not take tracks without one."""

BATCH = 8
"""Videos read at once: memory does not grow with the dataset, and queries hardly cost."""


@dataclass(frozen=True, eq=False)
class StoredTube:
    """The boxes of one label and index in one video.

    Attributes:
        sentence: the label.
        frames: (N,) 1-based frame numbers, ascending unless a frame has several of its boxes.
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
        """(N,) which boxes are finite and have an area."""
        return are_boxes(self.xyxy)

    @property
    def twice(self) -> int | None:
        """The first frame with several boxes, if any."""
        again = np.flatnonzero(np.diff(self.frames) == 0)
        return int(self.frames[again[0]]) if len(again) else None

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
        metadata: what FiftyOne knows of the file, if anything.
        tubes: by index, then by label.
    """

    sample_id: str
    filepath: str
    metadata: fo.VideoMetadata | None
    tubes: list[StoredTube]


def read_tubes(samples: SampleCollection, field: str) -> Iterator[StoredVideo]:
    """The tubes in a frame field of `Detections`, video by video, a few of them in memory.

    Args:
        samples: a video dataset or view; what a view does to the labels counts.
        field: the frame field, without ``frames.``.

    Yields:
        Every video in order, those without a tube too. Keyframes of a video may be written before
        the next is asked for, even if the view looks at them.
    """
    path = f"frames.{field}.detections"
    of_labels = [f"{path}.{name}" for name in ("id", "index", "label", "bounding_box")]
    of_videos = ["id", "filepath", "metadata", "frames.id", "frames.frame_number", *of_labels]
    ids = samples.values("id")
    for start in range(0, len(ids), BATCH):
        view = labels_of(samples, ids[start : start + BATCH], f"frames.{field}")
        for sample_id, filepath, metadata, *frames in zip(*view.values(of_videos), strict=True):
            yield StoredVideo(sample_id, filepath, metadata, _tubes(*frames))


def write_keyframes(
    dataset: fo.Dataset, field: str, marks: list[tuple[StoredTube, NDArray[np.bool_]]]
) -> None:
    """Marks the boxes of a video as keyframes or not: one bulk write.

    Args:
        dataset: the dataset, whose field has the attribute ``keyframe``.
        field: the frame field, without ``frames.``.
        marks: tubes, and (N,) which of their boxes are keyframes.
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
    boxes: list[list[list[float] | None] | None],
) -> list[StoredTube]:
    found = defaultdict(list)
    frames = zip(numbers, frame_ids, label_ids, indexes, labels, boxes, strict=True)
    for number, frame_id, *columns in sorted(frames, key=lambda frame: frame[0]):
        for label_id, index, label, box in zip(*(column or [] for column in columns), strict=True):
            row = (number, box, frame_id, label_id)
            found[-1 if index is None else index, label or UNNAMED].append(row)
    return [_tube(sentence, rows) for (_, sentence), rows in sorted(found.items())]


def _tube(sentence: str, rows: list[tuple[int, list[float] | None, str, str]]) -> StoredTube:
    numbers, boxes, frame_ids, label_ids = zip(*rows, strict=True)
    return StoredTube(
        sentence,
        np.array(numbers),
        corners(box_array(boxes)),
        np.array(frame_ids),
        np.array(label_ids),
    )
