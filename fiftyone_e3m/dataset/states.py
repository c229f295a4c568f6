"""The state of each sentence in a review, as an attribute of its event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import fiftyone as fo
from fiftyone import ViewField as F
from fiftyone.core.collections import SampleCollection
from fiftyone.core.expressions import ViewExpression

from .schema import CORRECTED, REVIEW

State = Literal["to review", "accepted", "corrected", "rejected"]
"""A person has not judged the answer yet, vouches for it, changed it, or found it wrong."""
STATES: tuple[State, ...] = get_args(State)


def state_of(review: str | None, corrected: bool | None) -> State:
    """The state of an event by its attributes.

    Events that an earlier version corrected have no attribute for their state.

    Example:
        >>> state_of(None, None), state_of(None, True), state_of("accepted", True)
        ('to review', 'corrected', 'accepted')
    """
    return next(
        (name for name in STATES if name == review), "corrected" if corrected else STATES[0]
    )


def event_state(event: fo.TemporalDetection) -> State:
    """The state of an event."""
    return state_of(*(event.get_attribute_value(name, None) for name in (REVIEW, CORRECTED)))


def review_state() -> ViewExpression:
    """The state of an event, as an expression: see `state_of`."""
    unmarked = (F(CORRECTED) == True).if_else("corrected", STATES[0])  # noqa: E712 (an expression)
    return F(REVIEW).is_in(list(STATES)).if_else(F(REVIEW), unmarked)


def is_in(wanted: State) -> ViewExpression:
    """Whether an event is in a state, for `filter_labels`."""
    return review_state() == wanted


def certainty() -> ViewExpression:
    """The confidence of an event, 0 if it has none as people drew it."""
    confidence = F("confidence")
    return (confidence == None).if_else(0.0, confidence)  # noqa: E711 (an expression)


def least_certainty(events: str) -> ViewExpression:
    """The confidence of a sample's least confident event, for `sort_by`."""
    return F(f"{events}.detections").map(certainty()).min()


def read_states(samples: SampleCollection, events: str) -> list[list[State]]:
    """The states of the events of each sample, in their order.

    Args:
        samples: a dataset or a view of one.
        events: the field of events.
    """
    (states,) = values_and_states(samples, (), events)
    return states


def values_and_states(
    samples: SampleCollection, paths: Sequence[str], events: str
) -> list[list[Any]]:
    """Columns of some fields, as of `values`, and last the states of each sample's events.

    They are read by one query: another would see what was written in the meantime, and so other
    videos or events.

    Args:
        samples: a dataset or a view of one.
        paths: the fields.
        events: the field of events.
    """
    marks = [f"{events}.detections.{name}" for name in (REVIEW, CORRECTED)]
    known = [path for path in marks if samples.has_field(path)]
    *columns, labels = samples.values([*paths, *known, f"{events}.detections.label"])
    stored = dict(zip(known, columns[len(paths) :], strict=True))
    none = [[None] * len(column or []) for column in labels]
    pairs = zip(*(stored.get(mark, none) for mark in marks), strict=True)
    states = [
        [state_of(*both) for both in zip(*(column or [] for column in video), strict=True)]
        for video in pairs
    ]
    return [*columns[: len(paths)], states]
