"""The state of each sentence in a review, as an attribute of its event."""

from __future__ import annotations

from typing import Literal, get_args

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
        (state for state in STATES if state == review), "corrected" if corrected else "to review"
    )


def event_state(event: fo.TemporalDetection) -> State:
    """The state of an event."""
    return state_of(*(event.get_attribute_value(name, None) for name in (REVIEW, CORRECTED)))


def is_in(state: State) -> ViewExpression:
    """Whether an event is in a state, for `filter_labels`."""
    marked, unmarked = F(REVIEW) == state, ~F(REVIEW).is_in(list(STATES))
    if state == "to review":
        return marked | (unmarked & (F(CORRECTED) != True))  # noqa: E712 (an expression)
    if state == "corrected":
        return marked | (unmarked & (F(CORRECTED) == True))  # noqa: E712
    return marked


def read_states(samples: SampleCollection, events: str) -> list[list[State]]:
    """The states of the events of each sample, in their order.

    Args:
        samples: a dataset or a view of one.
        events: the field of events.
    """
    labels = samples.values(f"{events}.detections.label")
    none = [[None] * len(column or []) for column in labels]
    paths = (f"{events}.detections.{name}" for name in (REVIEW, CORRECTED))
    columns = [samples.values(path) if samples.has_field(path) else none for path in paths]
    return [
        [state_of(*marks) for marks in zip(*(column or [] for column in video), strict=True)]
        for video in zip(*columns, strict=True)
    ]
