"""The queue of a review: which sentences nobody has judged yet, and what was found wrong."""

from __future__ import annotations

from dataclasses import dataclass

import fiftyone as fo
from bson import ObjectId
from fiftyone import ViewField as F
from fiftyone.core.collections import SampleCollection
from fiftyone.core.expressions import ViewExpression

from ..dataset.schema import REVIEW, Fields
from ..dataset.states import State, certainty, is_in, least_certainty
from ..dataset.stored import changing_schema
from .events import find_event, write_event
from .grounded import readable_grounding, stored_sample
from .withdrawing import Verdict, withdraw_copies


@dataclass(frozen=True)
class Waiting:
    """A sentence that is to be reviewed.

    Attributes:
        sample_id: the video.
        query: the sentence.
        first: first frame of its event, 1-based.
    """

    sample_id: str
    query: str
    first: int


def reject_tube(sample: fo.Sample, query: str, field: str = "e3m") -> Verdict:
    """Marks the answer to a sentence as wrong; event and tube are kept.

    Rejected tubes are not handed over, and `calibrate` counts them as wrong. A copy that
    `accept_tubes` made is removed from the ground truth, unless it is no longer equal to the tube.

    Args:
        sample: a grounded video.
        query: the sentence.
        field: name of the tube field.

    Returns:
        What became of the copies in the ground truth.

    Raises:
        GroundingError: the sentence has no event.
    """
    return _mark(sample, query, field, "rejected")


def reopen_tube(sample: fo.Sample, query: str, field: str = "e3m") -> Verdict:
    """Puts a sentence back to those that are to be reviewed.

    A copy that `accept_tubes` made is removed as by `reject_tube`, so that the sentence can be
    accepted again.

    Args:
        sample: a grounded video.
        query: the sentence.
        field: name of the tube field.

    Returns:
        What became of the copies in the ground truth.

    Raises:
        GroundingError: the sentence has no event.
    """
    return _mark(sample, query, field, "to review")


def _mark(sample: fo.Sample, query: str, field: str, state: State) -> Verdict:
    sample = stored_sample(sample)
    fields = readable_grounding(sample.dataset, field)
    event = find_event(sample, query, field)
    with changing_schema(sample.dataset):
        fields.declare_review(sample.dataset)
    removed, kept = withdraw_copies(sample, fields, query)
    event[REVIEW] = state
    write_event(sample, event, field)
    sample.reload()
    return Verdict(query, state, removed, kept)


def next_in_queue(
    samples: SampleCollection, field: str, sample_id: str | None = None, query: str | None = None
) -> Waiting | None:
    """The next sentence to be reviewed, the least confident first.

    Args:
        samples: a video dataset or a view of one.
        field: tube field of the grounding.
        sample_id: the video of the sentence that is looked at; None for none.
        query: this sentence. The next one follows it, or is the first again after the last.

    Returns:
        None if no other sentence is to be reviewed.
    """
    events = Fields(field).events
    todo = is_in("to review")
    if sample_id is None or query is None:
        return _least_confident(samples, events, todo)
    later = _later(samples.select(sample_id), events, query)
    if later is None:  # it is none of these videos
        return _least_confident(samples, events, todo)
    this, after = later
    following = _least_confident(samples, events, todo & after)
    return following or _least_confident(samples, events, todo & (F("_id") != this))


def _later(
    video: fo.DatasetView, events: str, query: str
) -> tuple[ObjectId, ViewExpression] | None:
    """The id of a video's event for a sentence, and the condition of all that come after it.

    In the order of confidence, and among equal ones of the videos and of their events.
    """
    found = video.values(f"{events}.detections", unwind=True)
    number = next((i for i, event in enumerate(found) if event.label == query), None)
    if number is None:
        return None
    this, confidence = ObjectId(found[number].id), found[number].confidence or 0.0
    (sample_id,) = video.values("id")
    next_to_it = F("_id").is_in([ObjectId(event.id) for event in found[number + 1 :]])
    behind = (F("$_id") > ObjectId(sample_id)) | next_to_it
    after = (certainty() > confidence) | ((certainty() == confidence) & behind)
    return this, after


def _least_confident(
    samples: SampleCollection, events: str, which: ViewExpression
) -> Waiting | None:
    """The first of the events for which a condition holds.

    The database looks for it, as there may be many: first for its confidence, then for the first
    that has it.
    """
    least = samples.filter_labels(events, which).sort_by(least_certainty(events)).limit(1)
    found = least.values(f"{events}.detections", unwind=True)
    if not found:
        return None
    lowest = min(event.confidence or 0.0 for event in found)
    equal = samples.filter_labels(events, which & (certainty() == lowest)).sort_by("id").limit(1)
    ids, first = equal.values(["id", f"{events}.detections"])
    if not ids:  # it was judged in this moment
        return None
    return Waiting(ids[0], first[0][0].label, first[0][0].support[0])
