"""Tests what counts as evidence: contrast, detector class, size, the pick in the relevance.

`above(z)` fits the sentence `z` standard deviations better than unrelated ones, so every number
can be read off a test.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

BIG, SMALL = [0, 0, 40, 40], [100, 0, 120, 20]  # one side twice the other


@pytest.fixture
def ground(one):
    """`ground(video, ...)`: the plain grounding with contrast."""
    return lambda video, **changes: one(video, **{"contrast": True, **changes})


# Relevance


def test_gamma_of_three_frames_by_hand(above, evidence, ground):
    video = evidence(above([[1, 1, 1]]), above([1, 2, 4]), denoised=above([[1, 2, 3]]))
    grounding = ground(video)
    assert grounding.gamma == pytest.approx([2, 4, 7], abs=1e-5)
    assert grounding.relevance == pytest.approx([2 / 7, 4 / 7, 1], abs=1e-5)


def test_scores_are_standard_deviations_above_unrelated_sentences(above, evidence, ground):
    z = [[3.0, 0, -1], [0.5, 2, 4]]
    grounding = ground(evidence(above(z), above([1, 1, 1])))
    assert grounding.scores == pytest.approx(np.array(z), abs=1e-5)
    assert grounding.picks.tolist() == [0, 1, 1]


def test_no_relevance_is_as_good_as_an_unrelated_sentence(above, evidence, ground):
    grounding = ground(evidence(above([[1] * 4]), above([-1, 0, 4, 2])))
    assert grounding.relevance == pytest.approx([0, 0, 1, 0.5], abs=1e-5)


def test_the_least_relevant_frame_may_still_show_the_event(above, evidence, ground, one):
    video = evidence(above([[1] * 4]), above([4, 5, 4.5, 4]))
    assert ground(video).relevance == pytest.approx([0.8, 1, 0.9, 0.8], abs=1e-5)
    assert one(video).relevance.min() == 0


def test_where_nothing_fits_relevance_is_stretched(above, evidence, ground):
    grounding = ground(evidence(above([[-1] * 3]), above([-3, -1, -2])))
    assert grounding.relevance == pytest.approx([0, 1, 0.5], abs=1e-5)
    assert (grounding.first, grounding.last) == (1, 1)


def test_where_unrelated_sentences_do_not_differ_nothing_is_known(evidence, fitting, ground):
    # no unrelated sentence has a component along the third axis
    video = evidence(fitting([[0.9, 0.1]], other=2), fitting([0.9, 0.1], other=2))
    grounding = ground(video, pick_weight=1.0)
    assert grounding.relevance.tolist() == [1, 1]
    assert grounding.scores.tolist() == [[0, 0]]
    assert (grounding.first, grounding.last) == (0, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-6, 6), min_size=1, max_size=8),
    st.sampled_from([0.0, 1.0]),
)
def test_the_best_frame_is_one_and_all_are_in_its_range(above, evidence, one, z, pick_weight):
    video = evidence(above([z]), above(z))
    got = one(video, contrast=True, pick_weight=pick_weight, n_iter=2)
    assert np.isfinite(got.relevance).all()
    assert got.relevance.max() == pytest.approx(1)
    assert got.relevance.min() >= 0
    if max(z) > 0.01:
        assert (got.relevance[np.array(z) <= 0] < 1e-5).all()


# The detector's class


@pytest.mark.parametrize("contrast", [True, False])
def test_a_dog_is_picked_over_a_person_that_looks_more_like_it(above, evidence, one, contrast):
    video = evidence(above([[1, 1], [0.5, 0.5]]), above([1, 1]))
    by_class = {"contrast": contrast, "label": [-1, 3]}
    assert one(video, **by_class, label_weight=0.0).picks.tolist() == [0, 0]
    assert one(video, **by_class, label_weight=1.0).picks.tolist() == [1, 1]


def test_a_class_weighs_as_much_as_looks_of_the_same_deviations(above, evidence, ground):
    video = evidence(above([[1.0], [0.2]]), above([1]))
    assert ground(video, label=[0, 0.7], label_weight=1.0).picks.tolist() == [0]
    assert ground(video, label=[0, 0.9], label_weight=1.0).picks.tolist() == [1]
    assert ground(video, label=[0, 0.5], label_weight=2.0).picks.tolist() == [1]


def test_a_class_weighs_by_the_root_of_how_sure_the_detector_is(above, evidence, ground):
    looks = above([[1.0], [0.2]]), above([1])
    unsure, surer = (evidence(*looks, score=[1, score]) for score in (0.2, 0.3))
    assert ground(unsure, label=[0, 1.5], label_weight=1.0).picks.tolist() == [0]
    assert ground(surer, label=[0, 1.5], label_weight=1.0).picks.tolist() == [1]


def test_how_sure_the_detector_is_counts_over_all_frames_of_a_track(above, evidence, ground):
    rival = above([[1, 1], [0.2, 0.2]])
    video = evidence(rival, above([1, 1]), kind=[[1, 1], [1, 2]], score=[1, 0.5])
    assert video.tracks.certainty.tolist() == [1, 0.5]  # a filled box says nothing of the class
    assert ground(video, label=[0, 1.2], label_weight=1.0).picks.tolist() == [1, 1]


def test_scores_in_percent_count_as_sure(above, evidence, ground):
    looks = above([[1.0], [0.2]]), above([1])
    percent, sure = (evidence(*looks, score=[score, score]) for score in (90.0, 1.0))
    how = {"label": [0, 0.7], "label_weight": 1.0}
    assert ground(percent, **how).picks.tolist() == ground(sure, **how).picks.tolist() == [0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.floats(-3, 3), st.booleans(), st.sampled_from(["viterbi", "argmax"]))
def test_classes_that_all_fit_alike_change_no_pick(evidence, noise, one, seed, same, contrast, how):
    video = evidence(noise(seed, 3, 8, 3), noise(seed + 1, 8, 3))
    how = {"contrast": contrast, "link": how, "label_weight": 1.0}
    without = one(video, **how).picks
    assert one(video, label=[same] * 3, **how).picks.tolist() == without.tolist()


def test_weight_zero_switches_classes_off(above, evidence, ground):
    video = evidence(above([[1, 2], [2, 1]]), above([1, 3]))
    off = ground(video, label=[5, -5], label_weight=0.0, pick_weight=1.0)
    without = ground(video, label_weight=1.0, pick_weight=1.0)
    assert off.picks.tolist() == without.picks.tolist() == [1, 0]
    assert off.gamma.tolist() == without.gamma.tolist()


# Size


@pytest.mark.parametrize("contrast", [True, False])
@pytest.mark.parametrize("order", [(BIG, SMALL), (SMALL, BIG)], ids=["big first", "small first"])
def test_of_equals_the_bigger_is_picked(above, evidence, one, contrast, order):
    box = np.array(order, float)[:, None].repeat(2, axis=1)
    video = evidence(above([[1, 1], [1, 1]]), above([1, 1]), box=box)
    big = order.index(BIG)
    assert one(video, contrast=contrast, size_weight=1.0).picks.tolist() == [big, big]
    assert one(video, contrast=contrast, size_weight=0.0).picks.tolist() == [0, 0]


def test_twice_the_side_is_worth_the_logarithm_of_two(above, evidence, ground):
    box = np.array([BIG, SMALL], float)[:, None]
    for better, weight, pick in [(0.65, 1.0, 0), (0.75, 1.0, 1), (0.75, 1.2, 0), (0.65, 0.8, 1)]:
        video = evidence(above([[1.0], [1 + better]]), above([1]), box=box)
        assert ground(video, size_weight=weight).picks.tolist() == [pick]


def test_a_box_without_an_area_spoils_nothing(above, evidence, ground):
    box = np.array([[[10, 10, 10, 10]], [SMALL]], float)
    video = evidence(above([[1.0], [1.0]]), above([1]), box=box)
    grounding = ground(video, size_weight=1.0, prototypes=True)
    assert grounding.picks.tolist() == [1]
    assert np.isfinite(grounding.confidence)


# The picked object in the relevance


def test_the_picked_object_adds_its_looks_and_its_class(above, evidence, ground):
    video = evidence(above([[2, 3, 9]]), above([1, 1, 1]), kind=[[1, 1, 0]])
    assert ground(video).gamma == pytest.approx([2, 2, 2], abs=1e-5)
    assert ground(video, pick_weight=1.0).gamma == pytest.approx([4, 5, 2], abs=1e-5)
    assert ground(video, pick_weight=0.5).gamma == pytest.approx([3, 3.5, 2], abs=1e-5)
    # a class counts twice, as gamma has two whole-frame terms
    parameters = {"label": [1.5], "label_weight": 1.0, "pick_weight": 1.0}
    assert ground(video, **parameters).gamma == pytest.approx([7, 8, 2], abs=1e-5)


def test_without_contrast_a_frame_without_a_pick_counts_as_its_worst_candidate(
    evidence, fitting, one
):
    regions = fitting([[0.8, 0.6, 0.9], [0.2, 0.4, 0.9]])
    video = evidence(regions, fitting([0.1, 0.2, 0.3]), kind=[[1, 1, 0], [1, 1, 0]])
    own = np.array([0.8, 0.6, 0.2])
    frames = np.array([0.2, 0.4, 0.6])
    expected = frames + frames.std() * (own - own.mean()) / own.std()
    assert one(video, pick_weight=1.0).gamma == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("contrast", [True, False])
def test_frames_without_the_object_are_less_relevant(above, evidence, one, contrast):
    regions = above([[3, 3, 3, 3], [-1, -1, -1, -1]])
    video = evidence(regions, above([2, 2.5, 2, 2.5]), kind=[[1, 1, 0, 0], [1, 1, 0, 0]])
    off = one(video, contrast=contrast, pick_weight=0.0).relevance
    on = one(video, contrast=contrast, pick_weight=1.0).relevance
    assert off[2:] == pytest.approx(off[:2], abs=1e-6)
    assert (on[2:] < on[:2] - 0.2).all()
