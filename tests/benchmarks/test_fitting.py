"""Tests the fits behind the constants: on made-up data they find what it was made with."""

import numpy as np
import pytest

from benchmarks.fitting import WEIGHTS, Case, confidence_model, track_weights
from benchmarks.outcomes import Outcome

TRUE = {
    "label_weight": 4,
    "size_weight": 1,
    "colour_weight": 0,
    "motion_weight": 2,
    "pace_weight": 1.5,
}


def cases(n, true, sources=("a", "b")):
    """Sentences that mean tracks with the probability that the weights say; looks weigh 1."""
    rng = np.random.default_rng(0)
    weights = np.array([1, *true.values(), 0.5])
    for i in range(n):
        evidence = rng.normal(size=(6, 7))
        odds = np.exp(evidence @ weights)
        meant = np.eye(6)[rng.choice(6, p=odds / odds.sum())]
        yield Case("set", sources[i % len(sources)], evidence, meant)


def outcome(right, present=True):
    viou = 0.9 if right else 0.1
    return Outcome("set", "v", "s", "a dog", (), present, 0.5, viou, viou, 0.5, 0.5)


def test_weights_are_found_in_units_of_the_looks():
    found = track_weights(list(cases(4000, TRUE)))
    assert list(found) == list(WEIGHTS)
    for name, value in TRUE.items():
        assert found[name] == pytest.approx(value, rel=0.2, abs=0.15)
    assert found["duration_weight"] == pytest.approx(0.5, abs=0.15)


def test_sources_count_alike_however_many_sentences_they_have():
    """One source with a sentence in nine, whose sentences depend on the class alone."""
    many = list(cases(800, {**TRUE, "label_weight": 0}, ["a"]))
    few = list(cases(100, {**TRUE, "label_weight": 8}, ["b"]))
    together, alone = track_weights(many + few), track_weights(many)
    assert alone["label_weight"] < 0.5
    assert together["label_weight"] > 1.5


def test_evidence_that_speaks_against_a_track_is_not_turned_around():
    rng = np.random.default_rng(1)
    against = [
        Case("set", "a", e, np.eye(4)[e[:, 2].argmin()]) for e in rng.normal(size=(50, 4, 7))
    ]
    assert track_weights(against)["size_weight"] == 0


def test_confidence_follows_the_clues_and_is_calibrated():
    rng = np.random.default_rng(0)
    clues = rng.normal(size=(4000, 3, 4))
    odds = clues.mean(axis=1) @ [2, 1, 0, 3]
    right = rng.random(4000) < 1 / (1 + np.exp(-odds))
    model = confidence_model(clues, [outcome(bool(r)) for r in right])
    assert model.coef_[0] == pytest.approx([2, 1, 0, 3], abs=0.3)
    assert model.predict_proba(np.zeros((1, 4)))[0, 1] == pytest.approx(0.5, abs=0.05)


def test_absent_sentences_count_as_much_as_present_ones():
    clues = np.zeros((101, 1, 4))
    outcomes = [outcome(True)] * 100 + [outcome(False, present=False)]
    model = confidence_model(clues, outcomes)
    assert model.predict_proba(np.zeros((1, 4)))[0, 1] == pytest.approx(0.5, abs=0.02)
