"""Tests the whole EM loop: a scene, repeatability, and consistency whatever is switched off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.config import PRESETS, E3MConfig
from fiftyone_e3m.e3m import Evidence, Query, build_tracks, find
from fiftyone_e3m.e3m.arrays import unit


@pytest.fixture(scope="session")
def ask(noise):
    """`ask(video, texts, config)`: groundings against random unrelated sentences."""

    def run(video, texts, config, label=None):
        unrelated = noise(77, 20, texts.shape[1])
        return find(video, [Query(text, label) for text in texts], config, unrelated)

    return run


@pytest.fixture
def random_video(evidence, noise):
    """`random_video(seed)`: four tracks of random features, with gaps."""

    def make(seed, k=4, t=30, d=6):
        rng = np.random.default_rng(seed)
        kind = rng.choice([0, 1, 1, 1, 2, 3], size=(k, t))
        return evidence(noise(seed, k, t, d), noise(seed + 1, t, d), noise(seed + 2, k, t, d), kind)

    return make


def assert_same(a, b):
    assert (a.first, a.last) == (b.first, b.last)
    assert np.array_equal(a.picks, b.picks)
    assert np.array_equal(a.gamma, b.gamma)
    assert np.array_equal(a.scores, b.scores, equal_nan=True)
    assert a.events == b.events
    assert a.prototypes == b.prototypes


def test_the_same_seed_gives_the_same_answer(ask, noise, random_video):
    text = noise(9, 1, 6)
    config = E3MConfig(min_events=10, max_events=10, seed=5)
    first, second = (ask(random_video(3, t=60), text, config)[0] for _ in range(2))
    assert_same(first, second)


@pytest.mark.parametrize("preset", PRESETS)
def test_sentences_do_not_disturb_each_other(ask, noise, random_video, preset):
    video, texts, config = random_video(4), noise(11, 3, 6), E3MConfig.preset(preset)
    together = ask(video, texts, config)
    for text, grounding in zip(texts, together, strict=True):
        assert_same(grounding, ask(video, text[None], config)[0])
    assert len({g.gamma.tobytes() for g in together}) == 3


@pytest.mark.parametrize("preset", PRESETS)
def test_an_object_that_fits_for_a_while_is_found_in_space_and_time(evidence, fitting, one, preset):
    """Two people throughout; the second does what the sentence says in frames 12 to 23."""
    n, doing = 36, slice(12, 24)
    rng = np.random.default_rng(0)
    c = np.full((2, n), 0.1)
    c[1, doing] = 0.6
    regions = unit(fitting(c) + rng.normal(0, 0.02, (2, n, 3))).astype(np.float32)
    regions[0] = unit(regions[0] * [1, 0.6, 1] + [0, 0, 0.8])
    frames = fitting(c.mean(axis=0))
    grounding = one(
        evidence(regions, frames, denoised=regions),
        E3MConfig.preset(preset, seconds_per_event=2.0),
    )
    assert set(grounding.picks[doing]) == {1}
    assert abs(grounding.first - 12) <= 1
    assert abs(grounding.last - 23) <= 1
    assert {p.track for p in grounding.prototypes} == {1}


@pytest.mark.parametrize("link", ["object", "viterbi", "argmax"])
def test_twice_the_resolution_gives_the_same_answer(ask, noise, link):
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
        shot, size = np.zeros(20, int), (500 * scale, 200 * scale)
        colours = np.zeros((len(regions), 3, 11), np.float32)
        video = Evidence(tracks, regions, whole, regions, colours, 5.0, shot, size)
        answers.append(ask(video, noise(7, 1, 6), config)[0])
    small, large = answers
    assert np.array_equal(small.picks, large.picks)
    assert (small.first, small.last) == (large.first, large.last)
    assert [(p.frame, p.track) for p in small.prototypes] == [
        (p.frame, p.track) for p in large.prototypes
    ]


@st.composite
def kinds(draw):
    """(K, T) kinds of regions."""
    k, t = draw(st.integers(0, 3)), draw(st.integers(1, 12))
    cells = st.lists(st.integers(0, 3), min_size=k * t, max_size=k * t)
    return np.array(draw(cells), np.int8).reshape(k, t)


settings_of_a_run = st.fixed_dictionaries(
    {
        "context": st.booleans(),
        "prototypes": st.booleans(),
        "link": st.sampled_from(["object", "viterbi", "argmax"]),
        "events": st.sampled_from(["kmeans", "peak"]),
        "n_iter": st.integers(1, 3),
        "contrast": st.booleans(),
        "label_weight": st.sampled_from([0.0, 1.0]),
        "size_weight": st.sampled_from([0.0, 1.0]),
        "pick_weight": st.sampled_from([0.0, 1.0]),
        "trim_partial": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(kinds(), st.sampled_from([0.0, 0.3]), st.integers(0, 99), settings_of_a_run)
def test_every_answer_is_consistent_whatever_is_switched_off(
    ask, evidence, noise, kind, cuts, seed, parameters
):
    k, t = kind.shape
    rng = np.random.default_rng(seed)
    shot, label = np.cumsum(rng.random(t) < cuts), rng.normal(0, 2, k)
    regions, whole, denoised = noise(seed, k, t, 4), noise(seed + 1, t, 4), noise(seed + 2, k, t, 4)
    video = evidence(regions, whole, denoised, kind, shot=shot)
    grounding = ask(video, noise(50, 1, 4), E3MConfig(**parameters), label)[0]
    candidate = (kind == 1) | (kind == 2)
    for t, pick in enumerate(grounding.picks):
        assert pick == -1 or candidate[pick, t]
        if parameters["link"] != "object":
            assert (pick == -1) == (not candidate[:, t].any())
    assert (grounding.picks >= 0).any() == candidate.any()
    assert np.array_equal(~np.isnan(grounding.scores), candidate)
    assert ((grounding.certainty >= 0) & (grounding.certainty <= 1)).all()
    chosen = [e for e in grounding.events if e.selected]
    assert 0 <= grounding.first <= grounding.last < kind.shape[1]
    assert shot[grounding.first] == shot[grounding.last] == shot[chosen[0].first]
    if not parameters["trim_partial"] and not parameters["contrast"]:
        assert (grounding.first, grounding.last) == (chosen[0].first, chosen[-1].last)
    if not parameters["contrast"]:
        assert (grounding.certainty[grounding.picks < 0] == 0).all()
    assert grounding.events[0].first == 0
    assert grounding.events[-1].last == kind.shape[1] - 1
    assert grounding.relevance.max() == pytest.approx(1)
    assert grounding.relevance.min() >= 0
    assert 0 <= grounding.confidence <= 1
    assert 1 <= grounding.iterations <= parameters["n_iter"]
    assert bool(grounding.prototypes) == (parameters["prototypes"] and candidate.any())
    if grounding.prototypes:
        assert sum(p.weight for p in grounding.prototypes) == pytest.approx(1, abs=1e-5)
    for p in grounding.prototypes:
        assert candidate[p.track, p.frame]
        assert p.box == tuple(video.tracks.box[p.track, p.frame].tolist())
