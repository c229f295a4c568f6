"""Tests the EM loop on hand-made evidence: the numbers of each step, and each switch."""

import numpy as np
import pytest


def test_gamma_of_three_frames_by_hand(evidence, fitting, one):
    video = evidence(
        regions=fitting([[0.5, 0.5, 0.5]]),
        frames=fitting([0.6, 0.8, 1.0]),
        denoised=fitting([[0.8, 1.0, 0.0]]),
    )
    grounding = one(video)
    assert grounding.gamma == pytest.approx([1.4, 1.8, 1.0], abs=1e-6)
    assert grounding.relevance == pytest.approx([0.5, 1, 0], abs=1e-6)


def test_gamma_looks_at_the_frame_denoised_around_the_pick(evidence, fitting, one):
    video = evidence(
        regions=fitting([[0.9, 0.1], [0.1, 0.9]]),
        frames=fitting([0.0, 0.0]),
        denoised=fitting([[0.3, 0.4], [0.5, 0.6]]),
    )
    grounding = one(video)
    assert grounding.picks.tolist() == [0, 1]
    assert grounding.gamma == pytest.approx([0.3, 0.6], abs=1e-6)


def test_scores_are_cosines_of_candidates_with_the_sentence(evidence, fitting, one):
    c = [[0.9, 0.2, 0.3], [0.1, 0.5, 0.4]]
    video = evidence(fitting(c), fitting([0.1, 0.2, 0.3]), kind=[[1, 2, 0], [3, 1, 1]])
    expected = np.array([[0.9, 0.2, np.nan], [np.nan, 0.5, 0.4]])
    assert one(video).scores == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_certainty_is_relevance_times_how_far_the_pick_stands_out(evidence, fitting, one):
    c = [[0.9, 0.1, 0.1], [0.1, 0.1, 0.1]]
    video = evidence(fitting(c), fitting([0.1, 0.3, 0.2]), kind=[[1, 1, 1], [1, 0, 0]])
    grounding = one(video, beta=0.4)
    z = (np.array([0.9, 0.1, 0.1]) - 1.2 / 4) / np.std([0.9, 0.1, 0.1, 0.1])
    stands_out = 1 / (1 + np.exp(-z))
    assert grounding.relevance == pytest.approx([0, 1, 0.5], abs=1e-6)
    assert grounding.certainty == pytest.approx([0, stands_out[1], 0.5 * stands_out[2]], abs=1e-6)
    assert (grounding.first, grounding.last) == (1, 2)
    assert grounding.confidence == pytest.approx(grounding.certainty[1:].mean())


# Prototypes


def test_alpha_zero_leaves_the_sentence_as_it_is(evidence, fitting, one):
    c = [[0.9, 0.2, 0.3]]
    grounding = one(
        evidence(fitting(c), fitting([0.1, 0.2, 0.3])),
        prototypes=True,
        alpha=0.0,
    )
    assert len(grounding.prototypes) > 0
    assert grounding.scores == pytest.approx(np.array(c), abs=1e-6)
    assert grounding.gamma == pytest.approx([0.2, 0.4, 0.6], abs=1e-6)


def test_prototypes_pull_the_sentence_towards_the_video_unless_switched_off(evidence, fitting, one):
    video = evidence(fitting([[0.6]]), fitting([0.6]))
    off, on = one(video), one(video, prototypes=True, alpha=1.0, n_prototypes=1)
    assert off.prototypes == ()
    assert off.scores.item() == pytest.approx(0.6)
    (prototype,) = on.prototypes
    assert (prototype.frame, prototype.track, prototype.weight) == (0, 0, 1.0)
    assert prototype.box == (0, 0, 10, 20)
    assert on.scores.item() == pytest.approx(1)


def test_the_sentence_moves_towards_the_region_that_fits_it_best(evidence, fitting, one):
    regions = np.stack([fitting([0.2]), fitting([0.6], other=2)])
    grounding = one(evidence(regions, fitting([0.6])), prototypes=True, alpha=1.0, n_prototypes=1)
    assert [p.track for p in grounding.prototypes] == [1]
    assert grounding.scores[:, 0] == pytest.approx([0.12, 1], abs=1e-6)


def test_the_text_of_the_relevance_is_the_calibrated_one(evidence, fitting, one):
    video = evidence(fitting([[0.6, 0.6]]), fitting([0.6, 0.0]), denoised=fitting([[0.6, 1.0]]))
    calibrated = one(video, prototypes=True, alpha=1.0, n_prototypes=1)
    assert calibrated.gamma == pytest.approx([2.0, 0.6 + 0.8], abs=1e-6)


def test_calibration_starts_from_the_sentence_in_every_iteration(evidence, fitting, one):
    video = evidence(fitting([[0.6, 0.6]]), fitting([0.6, 0.0]))
    parts = {"prototypes": True, "alpha": 0.5, "n_prototypes": 1}
    once, often = one(video, **parts, n_iter=1), one(video, **parts, n_iter=2)
    assert often.iterations == 2
    assert often.scores == pytest.approx(once.scores)


# Context


def test_context_lends_a_noisy_region_its_neighbours_unless_switched_off(evidence, fitting, one):
    c = [[0.9, 0.9, 0.2, 0.9, 0.9]]
    video = evidence(fitting(c), fitting([0.1] * 5))
    near = {"context_window": 0.4, "context_tau": 1.0}
    assert one(video, **near, context=False).scores == pytest.approx(np.array(c), abs=1e-6)
    helped = one(video, **near, context=True).scores[0]
    assert helped[2] > 0.6
    assert helped[0] > 0.7


def test_the_context_window_is_measured_in_seconds(evidence, fitting, one):
    c = [[0.9] * 3 + [0.2] + [0.9] * 3]
    video = evidence(fitting(c), fitting([0.1] * 7), fps=10.0)
    scores = one(video, context=True, context_window=0.2, context_tau=1.0).scores[0]
    assert scores[[0, 6]] == pytest.approx(0.9, abs=1e-6)
    assert (scores[[1, 2, 4, 5]] < 0.89).all()


def test_context_steadies_the_relevance_of_frames(evidence, fitting, one):
    frames = fitting([0.8, 0.8, 0.1, 0.8, 0.8])
    video = evidence(fitting([[0.5] * 5]), frames)
    jumpy = one(video, context=False).gamma
    calm = one(video, context=True, context_window=0.4, context_tau=1.0).gamma
    assert jumpy == pytest.approx([1.6, 1.6, 0.2, 1.6, 1.6], abs=1e-6)
    assert calm[2] > 0.1 + 0.5
    # the frame term of gamma stays as it is, so the dip does not vanish
    assert calm[2] < 0.1 + 0.8


def test_extrapolated_regions_lend_context_but_are_never_picked(evidence, fitting, one):
    c = [[0.3, 0.3, 0.3, 1.0], [0.2, 0.2, 0.2, 0.1]]
    kind = [[1, 1, 1, 3], [1, 1, 1, 1]]
    video = evidence(fitting(c), fitting([0.1] * 4), kind=kind)
    near = {"context_window": 0.2, "context_tau": 1.0}
    alone, helped = one(video, **near), one(video, **near, context=True)
    for grounding in (alone, helped):
        assert grounding.picks.tolist() == [0, 0, 0, 1]
        assert np.isnan(grounding.scores[0, 3])
    assert helped.scores[0, 2] > alone.scores[0, 2] + 0.1
    unlent = evidence(fitting(c), fitting([0.1] * 4), kind=[[1, 1, 1, 0], [1, 1, 1, 1]])
    assert one(unlent, **near, context=True).scores[0, 2] == pytest.approx(0.3, abs=1e-6)


# Space and time help each other


@pytest.mark.parametrize(
    ("frames", "track"), [([0.5, 0.5, 0.4, 0.4], 0), ([0.4] * 2 + [0.5] * 2, 1)]
)
def test_the_first_relevance_is_that_of_the_whole_frames(evidence, fitting, one, frames, track):
    video = evidence(fitting([[0.9, 0.9, 0.1, 0.1], [0.2, 0.2, 0.7, 0.7]]), fitting(frames))
    assert one(video, link="object", n_iter=1).picks.tolist() == [track] * 4


def test_the_time_found_in_one_iteration_decides_the_object_of_the_next(one, misleading):
    assert one(misleading, link="object", n_iter=1).picks.tolist() == [0] * 4
    assert one(misleading, link="object", n_iter=2).picks.tolist() == [1] * 4


def test_it_stops_when_object_and_event_repeat(one, misleading):
    grounding = one(misleading, link="object", n_iter=50)
    assert grounding.converged
    assert grounding.iterations == 3
    cut = one(misleading, link="object", n_iter=2)
    assert not cut.converged
    assert cut.iterations == 2
    assert cut.picks.tolist() == grounding.picks.tolist()
    assert (cut.first, cut.last) == (grounding.first, grounding.last) == (2, 3)


def test_a_single_iteration_cannot_know_that_it_converged(one, misleading):
    assert not one(misleading, n_iter=1).converged


@pytest.mark.parametrize(
    ("how", "picks"),
    [("viterbi", [0, 0, 0, 0]), ("argmax", [0, 0, 1, 0]), ("object", [0, 0, 0, 0])],
)
def test_linking_is_as_asked(evidence, fitting, one, how, picks):
    c = [[0.9, 0.9, 0.4, 0.9], [0.1, 0.1, 0.5, 0.1]]
    video = evidence(fitting(c), fitting([0.1] * 4))
    assert one(video, link=how, link_weight=1.0).picks.tolist() == picks


def test_events_are_clusters_or_the_peak(evidence, fitting, one):
    frames = np.concatenate([fitting([0.1] * 5), fitting([0.8, 0.5, 0.8, 0.8, 0.8], other=2)])
    video = evidence(fitting([[0.5] * 10]), frames)
    assert (one(video, events="peak").first, one(video, events="peak").last) == (5, 5)
    clusters = one(video, events="kmeans", time_weight=0.0, min_events=2, min_event=0.6)
    assert (clusters.first, clusters.last) == (5, 9)
    assert [(e.first, e.last, e.selected) for e in clusters.events] == [
        (0, 4, False),
        (5, 9, True),
    ]


def test_a_larger_beta_keeps_a_shorter_event(evidence, fitting, one):
    gamma = [0.1, 0.6, 0.8, 0.7, 0.1]
    video = evidence(fitting([[0.5] * 5]), fitting(gamma))
    spans = {b: (one(video, beta=b).first, one(video, beta=b).last) for b in (0.0, 0.75, 1.0)}
    assert spans == {0.0: (1, 3), 0.75: (2, 3), 1.0: (2, 2)}
