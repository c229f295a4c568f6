"""The predicted and true tubes of a dataset by sentence, one video at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fiftyone.core.collections import SampleCollection
from fiftyone.core.view import make_optimized_select_view

from ..dataset.checks import boxes_fields, events_fields
from ..dataset.labels import SENTENCE
from ..dataset.marks import valid_support
from ..dataset.naming import whole_sentences
from ..dataset.runs import candidate_fields, grounding_fields, marks_fields
from ..dataset.schema import Fields
from ..request import FRAMES, GroundingError
from .metrics import TimedBoxes

EVENTS = "_events"
"""Suffix of the field of events that belongs to a field of boxes."""

Tubes = dict[str, TimedBoxes]
LabelledBox = tuple[str | None, Sequence[float] | None, float | None]
LabelledEvent = tuple[str | None, Sequence[int] | None]


@dataclass(frozen=True)
class TubeFields:
    """The fields that tubes are read from; at least one is set.

    Attributes:
        boxes: frame field of `Detections`, without ``frames.``.
        events: sample field of `TemporalDetections`.
    """

    boxes: str | None
    events: str | None

    def __str__(self) -> str:
        boxes = self.boxes and FRAMES + self.boxes
        return " with ".join(name for name in (boxes, self.events) if name)

    @property
    def paths(self) -> list[str]:
        """The paths to read from the database; not all boxes have a sentence beside the label."""
        paths = []
        if self.boxes:
            labels = f"{FRAMES}{self.boxes}.detections"
            paths += [f"{FRAMES}frame_number", f"{labels}.label"]
            paths += [f"{labels}.bounding_box", f"{labels}.confidence", f"{labels}.{SENTENCE}"]
        if self.events:
            paths += [f"{self.events}.detections.{name}" for name in ("label", "support")]
        return paths


@dataclass(frozen=True)
class VideoTubes:
    """The predicted and true tubes of one video.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        predicted: predicted tubes by sentence; boxes relative to the frame, ends inclusive.
        true: true tubes in the same form.
        remarks: problems in the labels, as sentences.
    """

    sample_id: str
    filepath: str
    predicted: Tubes
    true: Tubes
    remarks: tuple[str, ...]


def tube_fields(samples: SampleCollection, name: str) -> TubeFields:
    """The fields that a name stands for.

    For ``"gt"``: boxes in ``frames.gt``, events in ``gt_events`` or else in ``gt``. The name of a
    field of events, such as ``"gt_events"``, is also valid.

    Raises:
        GroundingError: there are neither boxes nor events.
    """
    name = name.removeprefix(FRAMES)
    boxes = name if name in boxes_fields(samples) else None
    events = [field for field in (name + EVENTS, name) if field in events_fields(samples)]
    if not boxes and not events:
        schemas = (samples.get_field_schema(), samples.get_frame_field_schema() or {})
        exists = any(name in schema for schema in schemas)
        kinds = "frame-level Detections nor TemporalDetections"
        what = f"it holds neither {kinds}" if exists else "there is no such field"
        available = ", ".join(boxes_fields(samples) + events_fields(samples))
        raise GroundingError(
            f"There are no tubes in '{name}': {what}. Fields with boxes or events: "
            f"{available or 'none'}."
        )
    return TubeFields(boxes, events[0] if events else None)


def truth_fields(samples: SampleCollection) -> dict[str, TubeFields]:
    """The fields that may hold ground truth, by name: those that no grounding run wrote.

    The oldest comes first: accepted tubes are newer than ground truth that was there before.
    Candidate boxes of a grounding, and events that it took times from, come last: they may be a
    model's.
    """
    groundings = [Fields(field) for field in grounding_fields(samples._dataset)]
    own = {name for fields in groundings for name in (*fields.of_frames, *fields.of_samples)}
    sources = candidate_fields(samples._dataset) | marks_fields(samples._dataset)
    names = dict.fromkeys(boxes_fields(samples) + events_fields(samples))
    truths = {name: tube_fields(samples, name) for name in names if name not in own}

    def age(item: tuple[str, TubeFields]) -> tuple[bool, datetime]:
        name, where = item
        field = samples._dataset.get_field(where.events or f"{FRAMES}{where.boxes}")
        return name in sources, field.created_at or datetime.max

    return dict(sorted(truths.items(), key=age))


def are_candidates(samples: SampleCollection, names: Iterable[str]) -> bool:
    """Whether all of these fields are boxes that a grounding chose from: there is no truth yet."""
    return set(names) <= candidate_fields(samples._dataset)


def read_tubes(
    samples: SampleCollection, predicted: TubeFields, true: TubeFields
) -> Iterator[VideoTubes]:
    """The predicted and true tubes of every video, read one video at a time.

    The label and frame filters of a view apply.
    """
    asked = dict.fromkeys(predicted.paths + true.paths)
    paths = [p for p in asked if not p.endswith(f".{SENTENCE}") or samples.has_field(p)]
    for sample_id, filepath in zip(*samples.values(["id", "filepath"]), strict=True):
        columns = make_optimized_select_view(samples, sample_id).values(paths)
        # a view that filters frames or labels may leave nothing of a video
        values = dict(
            zip(paths, (column[0] if column else None for column in columns), strict=True)
        )
        tubes, odd = tubes_of(_frames(values, predicted), _events(values, predicted))
        true_tubes, true_odd = tubes_of(_frames(values, true), _events(values, true))
        remarks = tuple(
            f"{Path(filepath).name}: {what} in {fields}: {n}"
            for fields, counts in ((predicted, odd), (true, true_odd))
            for what, n in counts.items()
        )
        yield VideoTubes(sample_id, filepath, tubes, true_tubes, remarks)


def tubes_of(
    frames: Iterable[tuple[int, Sequence[LabelledBox]]], events: Sequence[LabelledEvent]
) -> tuple[Tubes, Counter[str]]:
    """The tube of each sentence, from labels.

    Sentences are compared without surrounding whitespace. If a sentence has several boxes in a
    frame, the most confident is used, else the first. Several events of a sentence are merged, from
    the first start to the last end. Without an event, the span of the boxes is the event.

    Args:
        frames: frame number and ``(sentence, [x, y, w, h], confidence)`` of each of its boxes.
        events: ``(sentence, [first, last])`` of each event, inclusive.

    Returns:
        The tubes, with xyxy boxes, and the number of problems of each kind.

    Example:
        >>> boxes = [("a man", [0, 0, 0.5, 1], None)]
        >>> tubes_of([(3, boxes), (7, boxes)], [])[0]["a man"].frames("inclusive")
        range(3, 8)
    """
    odd: Counter[str] = Counter()
    boxes = _boxes_by_sentence(frames, odd)
    spans = {sentence: (min(numbers), max(numbers)) for sentence, numbers in boxes.items()}
    spans |= _spans_by_sentence(events, odd)
    return {s: TimedBoxes(*span, boxes.get(s, {})) for s, span in spans.items()}, odd


def _boxes_by_sentence(
    frames: Iterable[tuple[int, Sequence[LabelledBox]]], odd: Counter[str]
) -> dict[str, dict[int, list[float]]]:
    """The xyxy box of each frame, by sentence; counts ignored boxes in `odd`."""
    boxes: dict[str, dict[int, list[float]]] = {}
    for number, labelled_boxes in frames:
        for label, box, _ in sorted(labelled_boxes, key=lambda row: -(row[2] or 0)):
            sentence = (label or "").strip()
            if not sentence or box is None or not _is_box(box):
                odd["boxes without a sentence or an area, left out"] += 1
            elif number in boxes.setdefault(sentence, {}):
                odd["further boxes of a sentence in a frame, left out"] += 1
            else:
                x, y, w, h = box
                boxes[sentence][number] = [x, y, x + w, y + h]
    return boxes


def _spans_by_sentence(
    events: Sequence[LabelledEvent], odd: Counter[str]
) -> dict[str, tuple[int, int]]:
    """First and last frame, by sentence; counts ignored and merged events in `odd`."""
    spans: dict[str, tuple[int, int]] = {}
    for label, support in events:
        sentence, frames = (label or "").strip(), valid_support(support)
        if not sentence or frames is None:
            odd["events without a sentence or a duration, left out"] += 1
            continue
        first, last = frames
        if sentence in spans:
            odd["further events of a sentence, merged with the first"] += 1
            first, last = min(first, spans[sentence][0]), max(last, spans[sentence][1])
        spans[sentence] = first, last
    return spans


def _is_box(box: Sequence[float]) -> bool:
    """Whether a box ``[x, y, w, h]`` has four finite numbers and a positive area."""
    return len(box) == 4 and all(map(math.isfinite, box)) and min(box[2:]) > 0


def _frames(
    values: dict[str, Any], fields: TubeFields
) -> Iterator[tuple[int, Sequence[LabelledBox]]]:
    if not fields.boxes:
        return
    numbers, labels, *columns, whole = (values.get(path) or [] for path in fields.paths[:5])
    names = [
        list(zip(of_frame or [], beside or [None] * len(of_frame or []), strict=True))
        for of_frame, beside in zip(labels, whole or [None] * len(labels), strict=True)
    ]
    for number, named, boxes, confidences in zip(
        numbers, whole_sentences(names), *columns, strict=True
    ):
        yield number, list(zip(named, boxes or [], confidences or [], strict=True))


def _events(values: dict[str, Any], fields: TubeFields) -> list[LabelledEvent]:
    if not fields.events:
        return []
    return list(zip(*(values[path] or [] for path in fields.paths[-2:]), strict=True))
