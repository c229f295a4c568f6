"""Tests the confidence: each clue by hand, and that more of it never makes less certain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Query, find
from fiftyone_e3m.e3m import confidence as c
from fiftyone_e3m.e3m.colour import COLOURS, Look

LEFT, RIGHT = [0, 0, 40, 40], [100, 0, 140, 40]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture
def ground(one):
    """`ground(video, ...)`: the plain grounding with contrast."""
    return lambda video, **changes: one(video, **{"contrast": True, **changes})


def test_certainty_by_hand(above, evidence, ground):
    video = evidence(above([[4, 2, 4]]), above([4, 2, 4]), kind=[[1, 1, 0]])
    looks, fits = np.array([4, 2, 4 / 2]), np.array([0.8, 0.8, 0])
    # no other object, so the lead is complete
    expected = sigmoid(c.LOOKS * looks + c.CLASS * fits + c.LEAD + c.NOTHING)
    grounding = ground(video, label=[0.8], label_weight=1.0)
    assert grounding.certainty == pytest.approx(expected, abs=1e-5)


def test_where_the_class_is_not_known_it_speaks_neither_for_nor_against(above, evidence, ground):
    video = evidence(above([[3]]), above([3]))
    known, half = ground(video), ground(video, label=[c.UNKNOWN_CLASS])
    assert known.certainty == pytest.approx(half.certainty)
    assert ground(video, label=[1.0]).confidence > half.confidence
    assert ground(video, label=[0.0]).confidence < half.confidence


def test_a_rival_makes_less_certain(above, evidence, ground):
    box = np.array([LEFT, RIGHT], float)[:, None]
    alone, close, far = (
        ground(evidence(above([[3.0], [z]]), above([3]), kind=[[1], kind], box=box)).confidence
        for z, kind in [(0, [0]), (2.9, [1]), (-3, [1])]
    )
    assert close < far < alone


def test_named_colours_count_where_they_are_and_where_they_are_missing(above, evidence):
    video = evidence(above([[3.0]]), above([3]))
    red = (Look(COLOURS.index("red"), 0),)

    def confidence(share, looks):
        video.colours[:] = share
        unrelated = np.array([[0, 1, 0], [0, -1, 0]], np.float32)
        text = np.array([1.0, 0, 0], np.float32)
        return find(video, [Query(text, looks=looks)], E3MConfig(), unrelated)[0].confidence

    assert confidence(0.0, red) < confidence(0.0, ()) == confidence(0.9, ()) < confidence(0.9, red)


def test_the_sentence_itself_is_measured_not_what_became_of_it(above, evidence, ground):
    video = evidence(above([[0.1, 0.2]]), above([0.1, 0.2]))
    plain = ground(video)
    moved = ground(video, prototypes=True, alpha=1.0)
    assert (moved.scores > plain.scores + 0.5).all(), "prototypes pull the sentence to the video"
    assert moved.certainty == pytest.approx(plain.certainty)


def test_confidence_is_the_mean_certainty_of_the_event(above, evidence, ground):
    grounding = ground(evidence(above([[1, 4, 3]]), above([1, 4, 3])), beta=0.5)
    assert (grounding.first, grounding.last) == (1, 2)
    assert grounding.confidence == pytest.approx(grounding.certainty[1:].mean())


def test_a_sentence_that_nothing_fits_is_improbable(above, evidence, ground):
    nothing = evidence(above([[0, 0]]), above([0, 0]))
    assert ground(nothing, label=[0.0]).confidence < 0.05
    all_of_it = evidence(above([[6, 6]]), above([6, 6]))
    assert ground(all_of_it, label=[1.0]).confidence > 0.9


def test_without_a_box_nothing_leads(above, evidence, ground):
    grounding = ground(evidence(above([[3, 3]]), above([3, 3]), kind=[[0, 0]]))
    expected = sigmoid(c.LOOKS * 1.5 + c.NOTHING)
    assert grounding.certainty == pytest.approx(expected, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(*[st.tuples(st.floats(-5, 8), st.floats(0, 1))] * 3)
def test_certainty_rises_with_every_piece_of_evidence(above, evidence, one, looks, frame, label):
    def certainty(z, f, fit):
        video = evidence(above([[z]]), above([f]))
        (found,) = one(video, contrast=True, label=[fit], label_weight=1.0).certainty
        assert 0 <= found <= 1
        return found

    (z, dz), (f, df), (k, dk) = looks, frame, label
    base = certainty(z, f, k)
    for more in ((z + dz, f, k), (z, f + df, k), (z, f, k + dk)):
        assert certainty(*more) >= base - 1e-6
