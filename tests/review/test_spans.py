"""Pins which other span of a sentence is offered, at ten frames per second."""

import numpy as np
import pytest

from fiftyone_e3m.review.spans import other_span
from fiftyone_e3m.review.timelines import Timeline


def line(*relevance, event=(1, 10)):
    """A timeline with a relevance for every ten frames."""
    values = np.repeat(relevance, 10).astype(float)
    frames = np.arange(1, len(values) + 1)
    return Timeline("a man", event, 0.5, frames, values, 10.0, {})


@pytest.mark.parametrize(
    ("relevance", "event", "span"),
    [
        ((1, 0, 0.9), (1, 10), (21, 30)),
        ((1, 0, 0.7), (1, 10), None),
        ((0.9, 0, 1), (21, 30), (1, 10)),
        ((1, 0, 0.85, 0, 0.95), (1, 10), (41, 50)),
        ((1, 1, 0), (1, 10), None),  # it is the rest of the same event
        ((0, 0, 0), (1, 10), None),  # as after a given time in another place
    ],
    ids=str,
)
def test_another_span_that_fits_as_well_is_offered(relevance, event, span):
    assert other_span(line(*relevance, event=event)) == span


def test_a_moment_is_no_span():
    timeline = line(1, 0, 0, 0)
    timeline.relevance[20:24] = 1
    assert other_span(timeline) is None
    timeline.relevance[20:25] = 1
    assert other_span(timeline) == (21, 25)


def test_without_a_curve_nothing_is_offered():
    assert other_span(line(event=(1, 10))) is None
