"""Which events of a grounding were right, as far as a reviewer or ground truth says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import fiftyone as fo

from ..dataset.checks import boxes_fields, events_fields
from ..dataset.labels import Span, sentence_of
from ..dataset.schema import CORRECTED, ORIGINAL_SUPPORT, Fields
from ..dataset.states import values_and_states
from ..evaluation.metrics import TimedBoxes, above, tiou, viou
from ..evaluation.pairs import RIGHT
from ..evaluation.tubes import TubeFields, read_tubes, tubes_of
from .grounded import frame_labels, of_sentence
from .sameness import agree


@dataclass(frozen=True)
class JudgedEvent:
    """An event of a grounding.

    Attributes:
        sample_id: the video.
        query: the sentence.
        confidence: as the run wrote it, 0..1.
        right: whether it was right; None if nobody reviewed it.
    """

    sample_id: str
    query: str
    confidence: float
    right: bool | None


def judge(
    grounded: TimedBoxes,
    corrected: TimedBoxes | None,
    truth: TimedBoxes | None,
    rejected: bool = False,
) -> bool | None:
    """Whether an event was right.

    With true boxes, it was right if its tube is the true tube (a reviewer accepted it) and was not
    rejected, or if the vIoU with another true tube is above .5. Without, a reviewer's word says:
    what was rejected was wrong, and what was corrected was right with a tIoU of .5 or more, unless
    the correction chose another object.

    Args:
        grounded: the tube as it was grounded, before any correction.
        corrected: the tube after a correction.
        truth: the true tube.
        rejected: whether a reviewer rejected it.

    Returns:
        None if there are neither true boxes nor a reviewer's word.

    Example:
        >>> found, longer = TimedBoxes(1, 10, {}), TimedBoxes(1, 20, {})
        >>> judge(found, longer, None), judge(found, None, None, True), judge(found, None, None)
        (True, False, None)
    """
    if truth and any(number in truth.boxes for number in truth.frames("inclusive")):
        if grounded == truth:  # a copy, which a later rejection takes back
            return not rejected
        return above(viou(grounded, truth), RIGHT)
    if rejected:
        return False
    if corrected is None:
        return None
    same = agree(grounded.boxes, corrected.boxes) is not False
    return same and tiou(grounded, corrected) >= RIGHT


def judged_events(
    dataset: fo.Dataset, ids: Sequence[str], field: str, truth: str
) -> Iterator[JudgedEvent]:
    """The events of some videos that have a confidence, one video at a time.

    Args:
        dataset: the dataset.
        ids: the videos.
        field: tube field of the grounding.
        truth: name of the ground truth: boxes in ``frames.<truth>``, events in ``<truth>_events``.
            Neither need exist.
    """
    fields, view = Fields(field), dataset.select(ids, ordered=True)
    videos = read_tubes(view, TubeFields(field, fields.events), _truth(dataset, truth))
    for video, events in zip(videos, _events(view, fields.events), strict=True):
        for query, confidence, state, original in events:
            grounded = corrected = video.predicted.get(query)
            if grounded is None or confidence is None:  # no event of a run
                continue
            if original:
                grounded = _as_grounded(dataset, fields, video.sample_id, query, original)
            truth_of_it, is_wrong = video.true.get(query), state == "rejected"
            right = judge(grounded, corrected if original else None, truth_of_it, is_wrong)
            yield JudgedEvent(video.sample_id, query, confidence, right)


def _events(view: fo.DatasetView, field: str) -> Iterator[list[tuple[Any, ...]]]:
    """Sentence, confidence, state and, if corrected, original support of each video's events."""
    path = f"{field}.detections."
    names = ["label", "confidence"]
    if view.has_field(path + CORRECTED):
        names += [ORIGINAL_SUPPORT, CORRECTED]
    for video in zip(*values_and_states(view, [path + name for name in names], field), strict=True):
        events = zip(*(values or [] for values in video), strict=True)
        yield [(*e[:2], e[-1], e[2] if len(e) > 3 and e[3] else None) for e in events]


def _truth(dataset: fo.Dataset, name: str) -> TubeFields:
    """The fields of the ground truth that exist."""
    target = Fields(name)
    return TubeFields(
        target.tube if target.tube in boxes_fields(dataset) else None,
        target.events if target.events in events_fields(dataset) else None,
    )


def _as_grounded(
    dataset: fo.Dataset, fields: Fields, sample_id: str, query: str, original: Span
) -> TimedBoxes:
    """The tube of a corrected event as it was before the first correction."""
    labels = of_sentence(frame_labels(dataset, fields.original, sample_id), query)
    boxes = (
        (number, [(sentence_of(box), box.bounding_box, box.confidence) for box in found])
        for number, found in labels.items()
    )
    tubes, _ = tubes_of(boxes, [(query, original)])
    return tubes[query]
