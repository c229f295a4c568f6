"""Pins the EM loop on evidence made by hand: each step's numbers, each switch, each edge case.

The sentence is the first axis; a region or frame that fits it by c is (c, sqrt(1 - c^2), 0), so
every cosine can be read off the test.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Evidence, Tracks, build_tracks, find
from fiftyone_e3m.e3m.arrays import unit

TEXT = np.array([1.0, 0, 0], np.float32)
PLAIN = E3MConfig(
    context=False,
    prototypes=False,
    denoise="outside",
    gamma_init="uniform",
    relevance_text="original",
    link="argmax",
    events="peak",
    beta=0.8,
    n_iter=1,
)


def fitting(c, other=1):
    """Features (..., 3) of length 1 with cosine `c` to the sentence."""
    c = np.asarray(c, float)
    x = np.zeros((*c.shape, 3), np.float32)
    x[..., 0], x[..., other] = c, np.sqrt(1 - c**2)
    return x


def evidence(regions, frames, denoised=None, kind=None, box=None, fps=5.0):
    """Evidence from features by track and frame.

    `regions` and `denoised` are (K, T, D), `frames` (T, D). Track k stands still at x = 100 k
    unless `box` (K, T, 4) says otherwise.
    """
    k, t = regions.shape[:2]
    if box is None:
        x = 100 * np.arange(k)[:, None] * np.ones(t)
        box = np.stack([x, 0 * x, x + 10, 0 * x + 20], axis=-1)
    kind = np.ones((k, t), np.int8) if kind is None else np.array(kind, np.int8)
    tracks = Tracks(box.astype(np.float32), kind, np.zeros((k, t), np.float32), ("thing",) * k)

    def denoise(picks):
        features = frames.copy()
        if denoised is not None:
            at = np.flatnonzero(picks >= 0)
            features[at] = denoised[picks[at], at]
        return features

    track, frame = tracks.regions.T
    return Evidence(tracks, regions[track, frame], frames, denoise, fps)


def one(video, config=PLAIN, **changes):
    (grounding,) = find(video, [TEXT], config.model_copy(update=changes))
    return grounding


def noise(seed, *shape):
    return unit(np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def test_gamma_of_three_frames_by_hand():
    video = evidence(
        regions=fitting([[0.5, 0.5, 0.5]]),
        frames=fitting([0.6, 0.8, 1.0]),
        denoised=fitting([[0.8, 1.0, 0.0]]),
    )
    found = one(video)
    assert found.gamma == pytest.approx([1.4, 1.8, 1.0], abs=1e-6)
    assert found.relevance == pytest.approx([0.5, 1, 0], abs=1e-6)


def test_gamma_looks_at_the_frame_denoised_around_the_pick():
    video = evidence(
        regions=fitting([[0.9, 0.1], [0.1, 0.9]]),
        frames=fitting([0.0, 0.0]),
        denoised=fitting([[0.3, 0.4], [0.5, 0.6]]),
    )
    found = one(video)
    assert found.picks.tolist() == [0, 1]
    assert found.gamma == pytest.approx([0.3, 0.6], abs=1e-6)


def test_without_denoising_only_whole_frames_count():
    video = evidence(fitting([[0.5, 0.5]]), fitting([0.6, 0.8]), denoised=fitting([[1.0, 0.0]]))
    assert one(video, denoise="none").gamma == pytest.approx([1.2, 1.6], abs=1e-6)


def test_scores_are_cosines_of_candidates_with_the_sentence():
    c = [[0.9, 0.2, 0.3], [0.1, 0.5, 0.4]]
    video = evidence(fitting(c), fitting([0.1, 0.2, 0.3]), kind=[[1, 2, 0], [3, 1, 1]])
    expected = np.array([[0.9, 0.2, np.nan], [np.nan, 0.5, 0.4]])
    assert one(video).scores == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_certainty_says_how_far_the_pick_stands_out():
    video = evidence(fitting([[0.9, 0.1], [0.1, 0.1]]), fitting([0.1, 0.2]), kind=[[1, 1], [1, 0]])
    found = one(video)
    z = (np.array([0.9, 0.1, 0.1]) - 1.1 / 3) / np.std([0.9, 0.1, 0.1])
    assert found.certainty == pytest.approx(1 / (1 + np.exp(-z[:2])), abs=1e-6)
    assert found.confidence == pytest.approx(
        (found.relevance * found.certainty)[found.first : found.last + 1].mean()
    )


# Prototypes


def test_alpha_zero_leaves_the_sentence_as_it_is():
    c = [[0.9, 0.2, 0.3]]
    found = one(
        evidence(fitting(c), fitting([0.1, 0.2, 0.3])),
        prototypes=True,
        alpha=0.0,
        relevance_text="calibrated",
    )
    assert len(found.prototypes) > 0
    assert found.scores == pytest.approx(np.array(c), abs=1e-6)
    assert found.gamma == pytest.approx([0.2, 0.4, 0.6], abs=1e-6)


def test_prototypes_pull_the_sentence_towards_the_video_unless_switched_off():
    video = evidence(fitting([[0.6]]), fitting([0.6]))
    off, on = one(video), one(video, prototypes=True, alpha=1.0, n_prototypes=1)
    assert off.prototypes == ()
    assert off.scores.item() == pytest.approx(0.6)
    (prototype,) = on.prototypes
    assert (prototype.frame, prototype.track, prototype.weight) == (0, 0, 1.0)
    assert prototype.box == (0, 0, 10, 20)
    assert on.scores.item() == pytest.approx(1)


def test_the_sentence_moves_towards_the_region_that_fits_it_best():
    regions = np.stack([fitting([0.2]), fitting([0.6], other=2)])
    found = one(evidence(regions, fitting([0.6])), prototypes=True, alpha=1.0, n_prototypes=1)
    assert [p.track for p in found.prototypes] == [1]
    assert found.scores[:, 0] == pytest.approx([0.12, 1], abs=1e-6)


def test_the_text_of_the_relevance_is_the_sentence_or_the_calibrated_one():
    video = evidence(fitting([[0.6, 0.6]]), fitting([0.6, 0.0]), denoised=fitting([[0.6, 1.0]]))
    full = {"prototypes": True, "alpha": 1.0, "n_prototypes": 1}
    original = one(video, **full, relevance_text="original")
    calibrated = one(video, **full, relevance_text="calibrated")
    assert original.gamma == pytest.approx([1.2, 1.0], abs=1e-6)
    assert calibrated.gamma == pytest.approx([2.0, 0.6 + 0.8], abs=1e-6)


def test_calibration_starts_from_the_sentence_in_every_iteration():
    video = evidence(fitting([[0.6, 0.6]]), fitting([0.6, 0.0]))
    parts = {"prototypes": True, "alpha": 0.5, "n_prototypes": 1}
    once, often = one(video, **parts, n_iter=1), one(video, **parts, n_iter=2)
    assert often.iterations == 2
    assert often.scores == pytest.approx(once.scores)


# Context


def test_context_lends_a_noisy_region_its_neighbours_unless_switched_off():
    c = [[0.9, 0.9, 0.2, 0.9, 0.9]]
    video = evidence(fitting(c), fitting([0.1] * 5))
    near = {"context_window": 0.4, "context_tau": 1.0}
    assert one(video, **near, context=False).scores == pytest.approx(np.array(c), abs=1e-6)
    helped = one(video, **near, context=True).scores[0]
    assert helped[2] > 0.6
    assert helped[0] > 0.7


def test_the_context_window_is_measured_in_seconds():
    c = [[0.9] * 3 + [0.2] + [0.9] * 3]
    video = evidence(fitting(c), fitting([0.1] * 7), fps=10.0)
    scores = one(video, context=True, context_window=0.2, context_tau=1.0).scores[0]
    assert scores[[0, 6]] == pytest.approx(0.9, abs=1e-6)
    assert (scores[[1, 2, 4, 5]] < 0.89).all()


def test_context_steadies_the_relevance_of_frames():
    frames = fitting([0.8, 0.8, 0.1, 0.8, 0.8])
    video = evidence(fitting([[0.5] * 5]), frames)
    jumpy = one(video, context=False).gamma
    calm = one(video, context=True, context_window=0.4, context_tau=1.0).gamma
    assert jumpy == pytest.approx([1.6, 1.6, 0.2, 1.6, 1.6], abs=1e-6)
    assert calm[2] > 0.1 + 0.5
    # the frame term of gamma stays as it is, so the dip does not vanish
    assert calm[2] < 0.1 + 0.8


def test_extrapolated_regions_lend_context_but_are_never_picked():
    c = [[0.3, 0.3, 0.3, 1.0], [0.2, 0.2, 0.2, 0.1]]
    kind = [[1, 1, 1, 3], [1, 1, 1, 1]]
    video = evidence(fitting(c), fitting([0.1] * 4), kind=kind)
    near = {"context_window": 0.2, "context_tau": 1.0}
    alone, helped = one(video, **near), one(video, **near, context=True)
    for found in (alone, helped):
        assert found.picks.tolist() == [0, 0, 0, 1]
        assert np.isnan(found.scores[0, 3])
    assert helped.scores[0, 2] > alone.scores[0, 2] + 0.1
    unlent = evidence(fitting(c), fitting([0.1] * 4), kind=[[1, 1, 1, 0], [1, 1, 1, 1]])
    assert one(unlent, **near, context=True).scores[0, 2] == pytest.approx(0.3, abs=1e-6)


# Space and time help each other


WRONG_WHEN = {
    "regions": fitting([[0.9, 0.9, 0.1, 0.1], [0.2, 0.2, 0.7, 0.7]]),
    "frames": fitting([0.1, 0.1, 0.8, 0.8]),
}


def test_the_first_relevance_is_that_of_the_frames_or_the_same_everywhere():
    video = evidence(**WRONG_WHEN)
    assert one(video, link="track", gamma_init="uniform").picks.tolist() == [0] * 4
    assert one(video, link="track", gamma_init="frame").picks.tolist() == [1] * 4


def test_the_time_found_in_one_iteration_decides_the_object_of_the_next():
    video = evidence(**WRONG_WHEN)
    assert one(video, link="track", n_iter=1).picks.tolist() == [0] * 4
    assert one(video, link="track", n_iter=2).picks.tolist() == [1] * 4


def test_it_stops_when_object_and_event_repeat():
    video = evidence(**WRONG_WHEN)
    found = one(video, link="track", n_iter=50)
    assert found.converged
    assert found.iterations == 3
    cut = one(video, link="track", n_iter=2)
    assert not cut.converged
    assert cut.iterations == 2
    assert cut.picks.tolist() == found.picks.tolist()
    assert (cut.first, cut.last) == (found.first, found.last) == (2, 3)


def test_a_single_iteration_cannot_know_that_it_converged():
    assert not one(evidence(**WRONG_WHEN), n_iter=1).converged


@pytest.mark.parametrize(
    ("how", "picks"), [("viterbi", [0, 0, 0, 0]), ("argmax", [0, 0, 1, 0]), ("track", [0, 0, 0, 0])]
)
def test_linking_is_as_asked(how, picks):
    c = [[0.9, 0.9, 0.4, 0.9], [0.1, 0.1, 0.5, 0.1]]
    video = evidence(fitting(c), fitting([0.1] * 4))
    assert one(video, link=how, link_weight=1.0).picks.tolist() == picks


def test_events_are_clusters_or_the_peak():
    frames = np.concatenate([fitting([0.1] * 5), fitting([0.8, 0.5, 0.8, 0.8, 0.8], other=2)])
    video = evidence(fitting([[0.5] * 10]), frames)
    assert (one(video, events="peak").first, one(video, events="peak").last) == (5, 5)
    clusters = one(video, events="kmeans", time_weight=0.0, min_events=2, min_event=0.6)
    assert (clusters.first, clusters.last) == (5, 9)
    assert [(e.first, e.last, e.selected) for e in clusters.events] == [
        (0, 4, False),
        (5, 9, True),
    ]


def test_a_larger_beta_keeps_a_shorter_event():
    gamma = [0.1, 0.6, 0.8, 0.7, 0.1]
    video = evidence(fitting([[0.5] * 5]), fitting(gamma))
    spans = {b: (one(video, beta=b).first, one(video, beta=b).last) for b in (0.0, 0.75, 1.0)}
    assert spans == {0.0: (1, 3), 0.75: (2, 3), 1.0: (2, 2)}


# Edge cases


def no_boxes(frames):
    return evidence(np.zeros((0, len(frames), 3), np.float32), frames)


@pytest.mark.parametrize("events", ["kmeans", "peak"])
def test_without_any_box_the_time_is_still_found(events):
    frames = np.concatenate([fitting([0.1] * 6), fitting([0.8] * 6, other=2)])
    config = E3MConfig(events=events, min_events=2, time_weight=0.0, beta=0.8, context=False)
    found = one(no_boxes(frames), config)
    assert found.picks.tolist() == [-1] * 12
    assert found.prototypes == ()
    assert found.scores.shape == (0, 12)
    assert found.certainty.tolist() == [0] * 12
    assert (found.first, found.last) == (6, 11)
    assert found.gamma == pytest.approx(2 * frames[:, 0], abs=1e-6)
    assert any("No box was found" in warning for warning in found.warnings)


def test_a_single_candidate_is_picked():
    kind = np.zeros((1, 5))
    kind[0, 3] = 1
    video = evidence(fitting([[0.4] * 5]), fitting([0.1, 0.2, 0.9, 0.3, 0.1]), kind=kind)
    for parameters in (PLAIN, E3MConfig()):
        found = one(video, parameters)
        assert found.picks.tolist() == [-1, -1, -1, 0, -1]
        assert found.certainty.tolist() == [0, 0, 0, 0.5, 0]
        assert found.warnings == ()


@pytest.mark.parametrize("events", ["kmeans", "peak"])
def test_frames_that_all_fit_equally_make_the_whole_video_the_event(events):
    video = evidence(fitting([[0.5] * 20]), fitting([0.7] * 20))
    found = one(video, E3MConfig(events=events, min_events=4, time_weight=1.0, beta=0.8))
    assert (found.first, found.last) == (0, 19)
    assert found.relevance.tolist() == [1] * 20
    assert any("says nothing" in warning for warning in found.warnings)


@pytest.mark.parametrize("events", ["kmeans", "peak"])
@pytest.mark.parametrize("boxes", [0, 1, 3])
def test_a_video_of_one_frame_is_one_event(boxes, events):
    regions = fitting(np.linspace(0.2, 0.6, boxes).reshape(boxes, 1))
    found = one(evidence(regions, fitting([0.3])), E3MConfig(events=events))
    assert (found.first, found.last) == (0, 0)
    assert found.picks.tolist() == [boxes - 1]
    assert len(found.events) == 1
    assert any("single frame" in warning for warning in found.warnings)


def test_frames_without_candidates_have_no_pick_and_no_certainty():
    kind = [[1, 1, 0, 0, 1, 1], [1, 0, 0, 3, 0, 1]]
    c = [[0.9] * 6, [0.2] * 6]
    found = one(evidence(fitting(c), fitting([0.1] * 6), kind=kind), E3MConfig())
    assert found.picks.tolist() == [0, 0, -1, -1, 0, 0]
    assert (found.certainty > 0).tolist() == [True, True, False, False, True, True]


def test_a_clear_scene_raises_no_warning():
    assert one(evidence(**WRONG_WHEN)).warnings == ()


def test_no_sentence_no_grounding():
    assert find(evidence(**WRONG_WHEN), [], PLAIN) == []


# The whole loop


def random_video(seed, k=4, t=30, d=6):
    rng = np.random.default_rng(seed)
    kind = rng.choice([0, 1, 1, 1, 2, 3], size=(k, t))
    return evidence(noise(seed, k, t, d), noise(seed + 1, t, d), noise(seed + 2, k, t, d), kind)


def assert_same(a, b):
    assert (a.first, a.last) == (b.first, b.last)
    assert np.array_equal(a.picks, b.picks)
    assert np.array_equal(a.gamma, b.gamma)
    assert np.array_equal(a.scores, b.scores, equal_nan=True)
    assert a.events == b.events
    assert a.prototypes == b.prototypes


@pytest.mark.parametrize("proto_select", ["mmr", "kmeans"])
def test_the_same_seed_gives_the_same_answer(proto_select):
    text = noise(9, 6)
    config = E3MConfig(proto_select=proto_select, min_events=10, max_events=10, seed=5)
    first, second = (find(random_video(3, t=60), [text], config)[0] for _ in range(2))
    assert_same(first, second)


def test_sentences_do_not_disturb_each_other():
    video, texts = random_video(4), list(noise(11, 3, 6))
    together = find(video, texts, E3MConfig())
    for text, grounding in zip(texts, together, strict=True):
        assert_same(grounding, find(video, [text], E3MConfig())[0])
    assert len({g.gamma.tobytes() for g in together}) == 3


def test_an_object_that_fits_for_a_while_is_found_in_space_and_time():
    """Two walkers all along; the second does what the sentence says in frames 12 to 23."""
    n, doing = 36, slice(12, 24)
    rng = np.random.default_rng(0)
    c = np.full((2, n), 0.2)
    c[1, doing] = 0.5
    regions = unit(fitting(c) + rng.normal(0, 0.02, (2, n, 3))).astype(np.float32)
    regions[0] = unit(regions[0] * [1, 0.6, 1] + [0, 0, 0.8])
    frames = fitting(c.mean(axis=0))
    found = one(
        evidence(regions, frames, denoised=regions),
        E3MConfig(
            seconds_per_event=2.0,
            min_events=3,
            min_event=0.6,
            time_weight=1.0,
            beta=0.8,
            alpha=0.2,
            context_window=0.6,
            context_tau=0.1,
            link="viterbi",
            link_weight=1.0,
        ),
    )
    assert set(found.picks[doing]) == {1}
    assert abs(found.first - 12) <= 1
    assert abs(found.last - 23) <= 1
    assert {p.track for p in found.prototypes} == {1}


@pytest.mark.parametrize("link", ["viterbi", "argmax", "track"])
def test_twice_the_resolution_gives_the_same_answer(link):
    rng = np.random.default_rng(2)
    walks = 60 * np.arange(4)[:, None, None] + np.cumsum(rng.normal(4, 2, (4, 20, 1)), axis=1)
    boxes = np.concatenate([walks, 0 * walks + 20, walks + 50, 0 * walks + 120], axis=2)
    there = rng.random((4, 20)) < 0.8
    config = E3MConfig(link=link)
    answers = []
    for scale in (1, 2):
        frames = [
            Boxes.of(scale * boxes[on, t], [0.5] * sum(on), ["thing"] * sum(on))
            for t, on in enumerate(there.T)
        ]
        tracks = build_tracks(frames, 500 * scale, 200 * scale, 5.0, config)
        regions, whole = noise(5, len(tracks.regions), 6), noise(6, 20, 6)
        video = Evidence(tracks, regions, whole, lambda picks, whole=whole: whole, 5.0)
        answers.append(find(video, [noise(7, 6)], config)[0])
    small, large = answers
    assert np.array_equal(small.picks, large.picks)
    assert (small.first, small.last) == (large.first, large.last)
    assert [(p.frame, p.track) for p in small.prototypes] == [
        (p.frame, p.track) for p in large.prototypes
    ]


@st.composite
def any_video(draw):
    k, t = draw(st.integers(0, 3)), draw(st.integers(1, 12))
    cells = st.lists(st.integers(0, 3), min_size=k * t, max_size=k * t)
    kind = np.array(draw(cells), np.int8).reshape(k, t)
    seed = draw(st.integers(0, 99))
    regions, whole, denoised = noise(seed, k, t, 4), noise(seed + 1, t, 4), noise(seed + 2, k, t, 4)
    return evidence(regions, whole, denoised, kind)


settings_of_a_run = st.fixed_dictionaries(
    {
        "context": st.booleans(),
        "prototypes": st.booleans(),
        "proto_select": st.sampled_from(["mmr", "kmeans"]),
        "denoise": st.sampled_from(["outside", "others", "none"]),
        "link": st.sampled_from(["viterbi", "argmax", "track"]),
        "events": st.sampled_from(["kmeans", "peak"]),
        "relevance_text": st.sampled_from(["calibrated", "original"]),
        "gamma_init": st.sampled_from(["frame", "uniform"]),
        "n_iter": st.integers(1, 3),
    }
)


@settings(max_examples=60, deadline=None)
@given(any_video(), settings_of_a_run)
def test_every_answer_is_consistent_whatever_is_switched_off(video, parameters):
    found = find(video, [noise(50, 4)], E3MConfig(**parameters))[0]
    kind = video.tracks.kind
    candidate = (kind == 1) | (kind == 2)
    for t, pick in enumerate(found.picks):
        assert pick == -1 or candidate[pick, t]
        if parameters["link"] != "track":
            assert (pick == -1) == (not candidate[:, t].any())
    assert (found.picks >= 0).any() == candidate.any()
    assert np.array_equal(~np.isnan(found.scores), candidate)
    assert np.array_equal(found.certainty > 0, found.picks >= 0)
    chosen = [e for e in found.events if e.selected]
    assert (found.first, found.last) == (chosen[0].first, chosen[-1].last)
    assert found.events[0].first == 0
    assert found.events[-1].last == kind.shape[1] - 1
    assert found.relevance.max() == pytest.approx(1)
    assert found.relevance.min() >= 0
    assert 0 <= found.confidence <= 1
    assert 1 <= found.iterations <= parameters["n_iter"]
    assert bool(found.prototypes) == (parameters["prototypes"] and candidate.any())
    if found.prototypes:
        assert sum(p.weight for p in found.prototypes) == pytest.approx(1, abs=1e-5)
    for p in found.prototypes:
        assert candidate[p.track, p.frame]
        assert p.box == tuple(video.tracks.box[p.track, p.frame].tolist())
