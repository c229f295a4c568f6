"""The sentence of a video that an operator applies to."""

from __future__ import annotations

import fiftyone as fo
import fiftyone.operators as foo
from fiftyone.operators import types

from ..dataset.schema import Fields
from ..request import GroundingError
from ..review.events import find_event
from ..review.grounded import event_labels
from ..texts import shortened
from .given import given_text
from .inputs import ask_choice

LONGEST = 80
"""Most characters of a sentence in a menu."""


def ask_sentence(
    ctx: foo.ExecutionContext, inputs: types.Object, sample: fo.Sample, field: str
) -> fo.TemporalDetection:
    """Asks for a sentence, as the parameter `query`; returns the event of the current choice.

    Raises:
        GroundingError: the video has no event, or none of this sentence.
    """
    events = _events(sample, field)
    shown = {e.label: f"{shortened(e.label, LONGEST)} {list(e.support)}" for e in events}
    ask_choice(inputs, "query", "Sentence", shown, events[0].label)
    return chosen_event(ctx, sample, field)


def chosen_event(ctx: foo.ExecutionContext, sample: fo.Sample, field: str) -> fo.TemporalDetection:
    """The event of the parameter `query`, or else the first of the video.

    Raises:
        GroundingError: the video has no event, or none of this sentence.
    """
    query = given_text(ctx.params, "query")
    return find_event(sample, query, field) if query else _events(sample, field)[0]


def _events(sample: fo.Sample, field: str) -> list[fo.TemporalDetection]:
    events: list[fo.TemporalDetection]
    events = event_labels(sample.dataset, Fields(field).events, sample.id).detections
    if not events:
        raise GroundingError(f"{sample.filepath} has no event in '{field}'. Ground it first.")
    return events
