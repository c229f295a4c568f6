"""Tests prototypes: they fit the sentence, are diverse, and move the text as far as requested."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.e3m.text_prototypes import calibrate, exemplarity, select

TEXT = np.array([1.0, 0, 0])


def features(n, d=8, seed=0):
    return unit(np.random.default_rng(seed).normal(size=(n, d)))


def choose(x, frame, score, n_frames, **parameters):
    config = E3MConfig(**{"n_prototypes": 3, "proto_pool": 40, **parameters})
    return select(np.asarray(x, float), np.array(frame), np.array(score), n_frames, config).tolist()


def test_exemplarity_by_hand():
    likeness = np.array([10.0, 6, 8, 8])
    fit = exemplarity(likeness, np.array([0, 0, 1, 1]), np.array([0.5, 1.0]))
    # likeness stretched: 1, 0, .5, .5; times relevance: .5, 0, .5, .5
    assert fit == pytest.approx([1, 0, 1, 1])


def test_the_same_region_stands_better_for_the_sentence_in_a_relevant_frame():
    fit = exemplarity(np.array([0, 1.0, 1.0]), np.arange(3), np.array([1, 0.2, 0.8]))
    assert fit == pytest.approx([0, 0.25, 1])


def test_alpha_zero_leaves_the_text_as_it_is():
    text, _ = calibrate(TEXT, features(3, d=3), np.array([1, 0.5, 0]), alpha=0)
    assert text == pytest.approx(TEXT)


def test_alpha_one_is_the_prototypes_alone():
    prototypes = np.array([[0, 1.0, 0], [0, 0, 1.0]])
    text, weight = calibrate(TEXT, prototypes, np.array([0.9, 0.8]), alpha=1)
    e = np.exp(0.1 / 0.1)
    assert weight == pytest.approx([e / (1 + e), 1 / (1 + e)])
    assert text == pytest.approx(np.array([0, e, 1]) / np.hypot(e, 1))


def test_a_larger_alpha_moves_the_text_nearer_to_the_prototypes():
    prototype = np.array([[0, 1.0, 0]])
    moved = [calibrate(TEXT, prototype, np.array([1.0]), a)[0] for a in (0.1, 0.3, 0.6)]
    likeness = [float(text @ prototype[0]) for text in moved]
    assert likeness == sorted(likeness)
    assert likeness[1] == pytest.approx(0.3 / np.hypot(0.3, 0.7))
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1)


def test_without_diversity_the_most_exemplary_are_chosen():
    score = [0.1, 0.9, 1.0, 0.3, 0.8]
    assert choose(features(5), range(5), score, 5, proto_diversity=0) == [2, 1, 4]


def test_the_most_exemplary_is_always_the_first():
    score = [0.1, 0.2, 1.0, 0.3, 0.8]
    assert choose(features(5), range(5), score, 5, proto_diversity=1)[0] == 2


def test_stages_far_apart_in_time_are_preferred():
    same = np.tile([1.0, 0], (10, 1))
    score = np.ones(10)
    assert choose(same, range(10), score, 10, n_prototypes=2, proto_diversity=0.5) == [0, 9]


def test_other_looks_are_preferred():
    x = [[1.0, 0], [0.99, 0.14], [0, 1.0], [0.7, 0.7]]
    score = [1.0, 0.99, 0.9, 0.9]
    assert choose(x, [0, 0, 0, 0], score, 1, n_prototypes=2, proto_diversity=0.5) == [0, 2]


def test_ties_go_to_the_earlier_region():
    same = np.tile([1.0, 0], (6, 1))
    assert choose(same, [0, 0, 1, 1, 2, 2], np.ones(6), 3, proto_diversity=0) == [0, 1, 2]


def test_prototypes_come_from_the_most_exemplary_regions_only():
    n = 20
    x = np.tile([1.0, 0], (n, 1))
    x[-4:] = [0, 1]
    score = np.r_[np.linspace(1, 0.8, n - 4), np.zeros(4)]
    chosen = choose(x, range(n), score, n, n_prototypes=2, proto_pool=16, proto_diversity=1)
    assert chosen == [0, 15]


def test_fewer_regions_than_prototypes_are_all_chosen_once():
    chosen = choose(features(2), [0, 1], [0.5, 1], 2, n_prototypes=5)
    assert sorted(chosen) == [0, 1]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 25), st.integers(1, 6), st.floats(0, 1), st.integers(0, 99))
def test_the_greedy_choice_maximises_each_step(n, k, lam, seed):
    rng = np.random.default_rng(seed)
    x, score = features(n, seed=seed), rng.permutation(n) / n
    frame, n_frames = np.sort(rng.integers(0, 10, n)), 10
    chosen = choose(x, frame, score, n_frames, n_prototypes=k, proto_diversity=lam)
    assert len(chosen) == len(set(chosen)) == min(n, k)
    likeness = x @ x.T
    spread = np.ptp(likeness)
    if n > 1:
        likeness = (likeness - likeness.min()) / spread

    def gain(i, earlier):
        redundancy = [
            0.5 * likeness[i, j] + 0.5 * (1 - abs(frame[i] - frame[j]) / (n_frames - 1))
            for j in earlier
        ]
        return (1 - lam) * score[i] - lam * max(redundancy)

    for step in range(1, len(chosen)):
        earlier = chosen[:step]
        best = max(gain(i, earlier) for i in range(n) if i not in earlier)
        assert gain(chosen[step], earlier) == pytest.approx(best)
