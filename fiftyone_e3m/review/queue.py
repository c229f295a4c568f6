"""The queue of a review: which sentences nobody has judged yet, and what was found wrong."""

from __future__ import annotations

from dataclasses import dataclass

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..dataset.schema import REVIEW, Fields
from ..dataset.states import State, values_and_states
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
    fields = Fields(field)
    event = f"{fields.events}.detections."
    paths = ["id", *(event + name for name in ("label", "support", "confidence"))]
    columns = zip(*values_and_states(samples, paths, fields.events), strict=True)
    events = sorted(
        (confidence or 0.0, place, number, Waiting(video, label, support[0]), state)
        for place, (video, *rows) in enumerate(columns)
        for number, (label, support, confidence, state) in enumerate(
            zip(*(row or [] for row in rows), strict=True)
        )
    )
    here = next(
        (i for i, (*_, e, _) in enumerate(events) if (e.sample_id, e.query) == (sample_id, query)),
        -1,
    )
    order = [*events[here + 1 :], *events[: max(here, 0)]]
    return next((waiting for *_, waiting, state in order if state == "to review"), None)
