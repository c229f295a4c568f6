"""The tube of one sentence in one video: reading, extension and writing."""

from __future__ import annotations

from dataclasses import dataclass

import fiftyone as fo
import numpy as np
from numpy.typing import NDArray

from ..dataset.labels import Span, name_of, sentence_of
from ..dataset.runs import latest_run
from ..dataset.schema import Fields
from .extending import extend
from .grounded import frame_labels, of_sentence
from .marking import DetectionsByFrame, marked
from .sameness import continues
from .shots import cuts_within
from .timelines import read_timelines


class SentenceTube:
    """The boxes of a sentence in a frame field of `Detections`; other sentences stay unchanged.

    Args:
        sample: the video.
        field: the frame field, which may not exist yet.
        query: the sentence.

    Attributes:
        boxes: the boxes of the sentence, by frame.
    """

    def __init__(self, sample: fo.Sample, field: str, query: str) -> None:
        self._dataset, self._sample_id = sample.dataset, sample.id
        self._field, self._query = field, query
        self._labels = frame_labels(self._dataset, field, sample.id)
        self.boxes: DetectionsByFrame = of_sentence(self._labels, query)

    def write(self, boxes: DetectionsByFrame) -> tuple[int, int, int]:
        """Replaces the boxes; frames with equal boxes are not written.

        Returns:
            The numbers of frames that gained a box, lost their box, and have another one.
        """
        frames = self.boxes.keys() | boxes.keys()
        changed = {
            number: self._with(number, boxes.get(number, []))
            for number in sorted(frames)
            if _content(boxes.get(number, [])) != _content(self.boxes.get(number, []))
        }
        if changed:
            path = f"frames.{self._field}"
            self._dataset.set_values(path, {self._sample_id: changed}, key_field="id")
        gained, lost = boxes.keys() - self.boxes.keys(), self.boxes.keys() - boxes.keys()
        return len(gained), len(lost), len(changed) - len(gained) - len(lost)

    def _with(self, number: int, boxes: list[fo.Detection]) -> fo.Detections | None:
        """The labels of a frame with these boxes of the sentence; None if the frame has no box."""
        labels = self._labels.get(number) or fo.Detections()
        others = [box for box in labels.detections if sentence_of(box) != self._query]
        labels.detections = sorted([*others, *boxes], key=lambda box: box.index or 0)
        return labels if labels.detections else None


def span_of(boxes: DetectionsByFrame) -> Span | None:
    """First and last frame with a box, None if there is none."""
    return (min(boxes), max(boxes)) if boxes else None


def copies(boxes: DetectionsByFrame) -> DetectionsByFrame:
    """Copies the labels of boxes, with the same instances."""
    return {number: [_copy(box) for box in labels] for number, labels in boxes.items()}


@dataclass(frozen=True)
class ExtendedTube:
    """A tube that was fitted to another support.

    Attributes:
        boxes: its boxes.
        repeated: number of new boxes that only repeat an adjacent one.
        beyond: number of frames without a box, as they lie in another shot.
        unseen: whether the video could not be decoded, so that cuts are not known.
    """

    boxes: DetectionsByFrame
    repeated: int = 0
    beyond: int = 0
    unseen: bool = False


def extended_tube(
    sample: fo.Sample,
    fields: Fields,
    query: str,
    support: Span,
    tube: DetectionsByFrame,
    original: DetectionsByFrame,
) -> ExtendedTube:
    """Fits the tube of a sentence to a new support.

    Args:
        sample: the video.
        fields: fields of the grounding.
        query: the sentence.
        support: first and last frame, 1-based and inclusive.
        tube: the current boxes.
        original: the original boxes, if the event was corrected before; they come back where the
            tube is still of their object.
    """
    first, last = support
    original = original if continues(tube, original) else {}
    restored = copies({n: labels for n, labels in original.items() if n not in _span(tube)})
    existing = {**restored, **tube}
    new = {n: labels for n, labels in existing.items() if first <= n <= last}
    if not existing:
        return ExtendedTube({})
    # gaps inside the tube are intentional and stay empty
    inside = {n for part in (tube, original) for n in _span(part)}
    boxes = {n: np.array(labels[0].bounding_box, float) for n, labels in existing.items()}
    candidates = _candidates(sample, fields.tube)
    low, high = min(existing), max(existing)
    cuts: set[int] | None = set()
    if first < low or last > high:
        new_part = (first if first < low else high + 1, last if last > high else low)
        cuts = cuts_within(sample.filepath, *new_part)
    added = extend(boxes, candidates, first, last, cuts or ())
    added = {n: addition for n, addition in added.items() if n not in inside}
    relevance = _relevance(sample, fields.tube, query)
    first_box = existing[low][0]
    for number, (box, is_candidate) in added.items():
        new[number] = [
            fo.Detection(
                bounding_box=box.tolist(),
                confidence=relevance.get(number),
                index=first_box.index,
                source="detected" if is_candidate else "interpolated",
                keyframe=False,
                **name_of(first_box),
                **_instance(first_box),
            )
        ]
    repeated = sum(not is_candidate for _, is_candidate in added.values())
    beyond = sum(n not in new and n not in inside for n in range(first, last + 1))
    return ExtendedTube(marked(new, added), repeated, beyond, unseen=cuts is None and repeated > 0)


def _candidates(sample: fo.Sample, field: str) -> dict[int, NDArray[np.float64]]:
    """The candidate boxes (N, 4) of the grounding, ``[x, y, w, h]``, by frame, if stored."""
    run = latest_run(sample.dataset, field)
    name = run[1].settings["boxes_field"] if run else None
    if name is None or not sample.dataset.has_field(f"frames.{name}.detections.bounding_box"):
        return {}
    columns = sample.dataset.select(sample.id).values(
        ["frames.frame_number", f"frames.{name}.detections.bounding_box"]
    )
    stored = dict(zip(*(column[0] for column in columns), strict=True))
    valid = {n: [b for b in boxes or [] if b and len(b) == 4] for n, boxes in stored.items()}
    return {n: np.array(boxes, float) for n, boxes in valid.items() if boxes}


def _relevance(sample: fo.Sample, field: str, query: str) -> dict[int, float]:
    """Relevance of each frame to the sentence."""
    lines = read_timelines(sample.dataset, sample.id, field)
    line = next(line for line in lines if line.query == query)
    return dict(zip(line.frames.tolist(), line.relevance.tolist(), strict=True))


def _span(boxes: DetectionsByFrame) -> range:
    return range(min(boxes), max(boxes) + 1) if boxes else range(0)


def _copy(box: fo.Detection) -> fo.Detection:
    copy = box.copy()
    for name, instance in _instance(box).items():
        copy[name] = instance  # FiftyOne gives a copy a new one
    return copy


def _instance(box: fo.Detection) -> dict[str, fo.Instance]:
    """The instance as an attribute; empty if a person drew the box without one."""
    return {"instance": box.instance} if box.has_field("instance") else {}


def _content(boxes: list[fo.Detection]) -> list[dict[str, object]]:
    """The content of boxes, without their ids."""
    return [{k: v for k, v in box.to_dict().items() if k != "_id"} for box in boxes]
