"""Tests events: they tile the video, none is too short, and the right ones are selected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import events as module
from fiftyone_e3m.e3m.arrays import unit

FPS = 5.0
A, B, C = np.eye(3)


def config(**parameters):
    plain = {
        "events": "kmeans",
        "seconds_per_event": 4.0,
        "min_events": 1,
        "max_events": 10,
        "time_weight": 0.0,
        "min_event": 0.0,
        "beta": 0.8,
    }
    return E3MConfig(**{**plain, **parameters})


def scenes(*parts):
    """(T, 3) features: each part is (feature, number of frames)."""
    return np.concatenate([np.tile(unit(np.array(f, float)), (n, 1)) for f, n in parts])


def atomic_events(v, fps, parameters, shot=None):
    return module.atomic_events(v, one_shot(len(v)) if shot is None else shot, fps, parameters)


def find_events(v, gamma, fps, parameters, shot=None):
    shot = one_shot(len(v)) if shot is None else np.array(shot)
    bounds = module.atomic_events(v, shot, fps, parameters)
    return module.find_events(bounds, gamma, shot, fps, parameters)


def select(bounds, gamma, beta, shot=None, shortest=1):
    shot = one_shot(len(gamma)) if shot is None else np.array(shot)
    return module.select(bounds, gamma, shot, beta, shortest)


def one_shot(n):
    return np.zeros(n, int)


def chosen(events):
    return [(e.first, e.last) for e in events if e.selected]


def test_scenes_that_look_different_are_events():
    video = scenes((A, 7), (B, 4), (A, 9))
    assert atomic_events(video, FPS, config(min_events=2)) == [(0, 6), (7, 10), (11, 19)]


def test_a_short_run_joins_the_neighbour_that_looks_more_alike():
    nearly_b = 0.2 * A + 0.8 * B + C
    video = scenes((A, 8), (nearly_b, 2), (B, 8))
    three = config(min_events=3)
    assert len(atomic_events(video, FPS, three)) == 3
    merged = three.model_copy(update={"min_event": 3 / FPS})
    assert atomic_events(video, FPS, merged) == [(0, 7), (8, 17)]
    assert atomic_events(video[::-1], FPS, merged) == [(0, 9), (10, 17)]


def test_a_run_of_just_the_shortest_length_stays():
    video = scenes((A, 8), (B, 2), (C, 8))
    assert len(atomic_events(video, FPS, config(min_events=3, min_event=2 / FPS))) == 3


def test_a_video_shorter_than_the_shortest_event_is_one():
    video = scenes((A, 1), (B, 1), (C, 1))
    assert atomic_events(video, FPS, config(min_events=3, min_event=5.0)) == [(0, 2)]


def test_a_still_picture_is_one_event_without_time():
    assert atomic_events(scenes((A, 20)), FPS, config(min_events=4)) == [(0, 19)]


def test_time_splits_what_looks_the_same():
    parameters = config(min_events=4, time_weight=1.0)
    assert len(atomic_events(scenes((A, 20)), FPS, parameters)) >= 4


def test_the_number_of_events_grows_with_the_length_between_its_limits():
    def count(seconds, **limits):
        video = scenes((A, int(seconds * FPS)))
        return len(atomic_events(video, FPS, config(time_weight=1.0, **limits)))

    assert count(8, seconds_per_event=2) == 4
    assert count(16, seconds_per_event=4) == 4
    assert count(8, seconds_per_event=2, max_events=3) == 3
    assert count(8, seconds_per_event=8, min_events=2) == 2


def test_never_more_events_than_frames():
    assert atomic_events(scenes((A, 1)), FPS, config(min_events=5)) == [(0, 0)]
    assert len(atomic_events(scenes((A, 1), (B, 1)), FPS, config(min_events=5))) == 2


BOUNDS = [(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)]


def relevance(*means):
    return np.repeat(np.array(means, float), 2)


def test_beta_one_keeps_the_best_event_alone():
    events = select(BOUNDS, relevance(0.5, 0.99, 1, 1, 0.99), beta=1)
    assert chosen(events) == [(4, 5)]


def test_beta_zero_merges_all_that_is_relevant_at_all():
    assert chosen(select(BOUNDS, relevance(0.1, 0.01, 1, 0.2, 0.3), beta=0)) == BOUNDS
    assert chosen(select(BOUNDS, relevance(0.1, 0, 1, 0.2, 0), beta=0)) == BOUNDS[2:4]


def test_merging_stops_at_the_first_event_that_fails():
    events = select(BOUNDS, relevance(0.9, 0.5, 1, 0.9, 0.7), beta=0.8)
    assert chosen(events) == [(4, 5), (6, 7)]


def test_an_event_on_the_threshold_stays_out():
    assert chosen(select(BOUNDS[:2], relevance(1, 0.5), beta=0.5)) == [(0, 1)]


def test_the_threshold_is_a_share_of_the_best():
    events = select(BOUNDS, relevance(0, 0.1, 0.2, 0.17, 0), beta=0.8)
    assert chosen(events) == [(4, 5), (6, 7)]


def test_the_mean_decides_not_the_peak():
    events = select([(0, 1), (2, 3)], np.array([1, 0, 0.7, 0.7]), beta=1)
    assert chosen(events) == [(2, 3)]
    assert [e.relevance for e in events] == pytest.approx([0.5, 0.7])


def test_the_peak_is_the_run_around_the_most_relevant_frame():
    gamma = np.array([0.1, 0.85, 0.9, 1.0, 0.3, 0.95, 0.95, 0.95])
    events = find_events(np.ones((8, 1)), gamma, FPS, config(events="peak", beta=0.8))
    assert [(e.first, e.last) for e in events] == [(0, 0), (1, 3), (4, 7)]
    assert chosen(events) == [(1, 3)]


def test_a_second_hill_does_not_join_the_peak():
    # the side's mean is above beta times the peak, but the frame beside the peak is not
    gamma = np.array([1.0, 0.7, 0.95, 0.95])
    events = find_events(np.ones((4, 1)), gamma, FPS, config(events="peak", beta=0.8))
    assert chosen(events) == [(0, 0)]


def test_a_flat_peak_is_the_whole_video():
    events = find_events(np.ones((4, 1)), np.ones(4), FPS, config(events="peak", beta=0.8))
    assert chosen(events) == [(0, 3)]


# Cuts


def test_a_cut_ends_an_event_however_alike_both_sides_look():
    cut = np.array([0] * 7 + [1] * 13)
    assert atomic_events(scenes((A, 20)), FPS, config(), cut) == [(0, 6), (7, 19)]


def test_a_shot_shorter_than_the_shortest_event_stays_its_own():
    cut = np.array([0] * 9 + [1] + [2] * 9)
    merged = config(min_event=3 / FPS)
    assert atomic_events(scenes((A, 19)), FPS, merged, cut) == [(0, 8), (9, 9), (10, 18)]


def test_neighbours_beyond_a_cut_are_not_selected():
    gamma = relevance(0.9, 0.95, 1, 0.95, 0.9)
    cut = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    assert chosen(select(BOUNDS, gamma, beta=0.5)) == BOUNDS
    assert chosen(select(BOUNDS, gamma, beta=0.5, shot=cut)) == BOUNDS[1:3]


def test_a_shot_too_short_for_an_event_is_not_the_best_one_unless_all_are():
    bounds, gamma, cut = (
        [(0, 1), (2, 2), (3, 4)],
        np.array([0.8, 0.8, 1, 0.7, 0.7]),
        [0, 0, 1, 2, 2],
    )
    assert chosen(select(bounds, gamma, beta=0.5, shot=cut)) == [(2, 2)]
    assert chosen(select(bounds, gamma, beta=0.5, shot=cut, shortest=2)) == [(0, 1)]
    assert chosen(select(bounds, gamma, beta=0.5, shot=cut, shortest=3)) == [(2, 2)]
    flash = config(min_event=2 / FPS)
    video = scenes((A, 2), (B, 1), (C, 2))
    assert chosen(find_events(video, gamma, FPS, flash, shot=cut)) == [(0, 1)]


def test_the_peak_ends_at_the_cuts_around_it():
    gamma = np.array([0.9, 0.9, 0.9, 1.0, 0.9, 0.9])
    cut = [0, 0, 1, 1, 1, 2]
    events = find_events(np.ones((6, 1)), gamma, FPS, config(events="peak"), cut)
    assert [(e.first, e.last, e.selected) for e in events] == [
        (0, 1, False),
        (2, 4, True),
        (5, 5, False),
    ]


def test_the_same_seed_gives_the_same_events():
    video = unit(np.random.default_rng(0).normal(size=(60, 8)))
    parameters = config(min_events=10, max_events=10, seed=3)
    runs = [atomic_events(video, FPS, parameters) for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 30),
    seed=st.integers(0, 99),
    how=st.sampled_from(["kmeans", "peak"]),
    beta=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    shortest=st.integers(1, 6),
    shots=st.sampled_from([0.0, 0.1, 0.5]),
)
def test_events_tile_the_video_and_neighbours_of_a_shot_are_selected(
    n, seed, how, beta, shortest, shots
):
    rng = np.random.default_rng(seed)
    shot = np.cumsum(rng.random(n) < shots)
    parameters = config(
        events=how,
        beta=beta,
        min_event=shortest / FPS,
        min_events=4,
        time_weight=1.0,
    )
    gamma = rng.random(n)
    events = find_events(unit(rng.normal(size=(n, 4))), gamma, FPS, parameters, shot)
    assert [t for e in events for t in range(e.first, e.last + 1)] == list(range(n))
    for e in events:
        assert shot[e.first] == shot[e.last]
        if how == "kmeans":
            assert e.last - e.first + 1 >= min(shortest, (shot == shot[e.first]).sum())
    assert len({shot[t] for e in events if e.selected for t in (e.first, e.last)}) == 1
    for e in events:
        assert e.relevance == pytest.approx(gamma[e.first : e.last + 1].mean())
    flags = np.flatnonzero([e.selected for e in events])
    assert len(flags) > 0
    assert (np.diff(flags) == 1).all()
    if how == "kmeans":
        lasting = [e for e in events if e.last - e.first + 1 >= shortest] or events
        assert max(lasting, key=lambda e: e.relevance).selected
    if beta == 1:
        assert len(flags) == 1
