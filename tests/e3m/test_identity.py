"""One object per shot: how tracks are joined, and which object is picked."""

import numpy as np
import pytest

from fiftyone_e3m.e3m import Tracks
from fiftyone_e3m.e3m.identity import Merit, Objects, link_objects

FPS = 5.0


def tracks(*lives, label="person", n=20):
    """Tracks (first, last, x, speed) of boxes 10 wide and 20 high."""
    box, kind = np.zeros((len(lives), n, 4), np.float32), np.zeros((len(lives), n), np.int8)
    for k, (first, last, x, speed) in enumerate(lives):
        for t in range(first, last + 1):
            at = x + speed * (t - first)
            box[k, t], kind[k, t] = [at, 0, at + 10, 20], 1
    labels = (label,) * len(lives) if isinstance(label, str) else label
    return Tracks(box, kind, kind.astype(np.float32), labels)


def follows(found, shot=None, n=20):
    objects = Objects.of(found, np.zeros(n, int) if shot is None else shot, FPS)
    return {(int(i), int(j)) for i, j in np.argwhere(objects.follows)}


def test_a_track_is_continued_where_it_ended():
    assert follows(tracks((0, 5, 0, 0), (8, 12, 3, 0), (8, 12, 60, 0))) == {(0, 1)}


def test_a_moving_track_is_continued_where_it_was_going():
    assert follows(tracks((0, 5, 0, 5), (9, 12, 45, 5))) == {(0, 1)}
    assert follows(tracks((0, 5, 45, 0), (9, 12, 90, 0))) == set()


def test_not_after_a_cut_nor_long_after_nor_while_both_are_seen_for_long():
    assert follows(tracks((0, 5, 0, 0), (6, 9, 0, 0)), np.repeat([0, 1], [6, 14])) == set()
    assert follows(tracks((0, 2, 0, 0), (15, 19, 0, 0))) == set()
    assert follows(tracks((0, 12, 0, 0), (3, 16, 0, 0))) == set()
    assert follows(tracks((0, 6, 0, 0), (3, 16, 0, 0))) == {(0, 1)}


def test_other_classes_need_to_be_nearly_in_the_same_place():
    found = tracks((0, 5, 0, 0), (6, 9, 1, 0), (6, 9, 9, 0), label=("dog", "horse", "horse"))
    assert follows(found) == {(0, 1)}
    assert (0, 2) in follows(tracks((0, 5, 0, 0), (6, 9, 1, 0), (6, 9, 9, 0)))


def test_what_enters_at_the_edge_is_seen_in_part_first():
    found = tracks((0, 3, 0, 0), (4, 9, 0, 0))
    found.box[0, :4, 2] = 2  # 2 of 10 pixels are in view
    assert follows(found) == {(0, 1)}


def test_tracks_without_candidates_follow_nothing():
    found = tracks((0, 3, 0, 0), (4, 9, 0, 0))
    found.kind[1] = 0
    assert follows(found) == set()


def pick(found, appeal, shot=None, duration=1.0, relevance=None, n=20, fixed=None):
    """Picks, for one appeal per track."""
    shot = np.zeros(n, int) if shot is None else shot
    frame, track = np.nonzero(found.kind.T)
    weight = (np.ones(n) if relevance is None else relevance)[frame]
    merit = Merit.of(np.array(appeal, float)[track], weight, track, len(appeal), duration)
    return link_objects(Objects.of(found, shot, FPS), merit, track, frame, n, fixed)


def test_a_track_that_must_be_picked_brings_its_object_along():
    found = tracks((0, 19, 0, 0), (0, 9, 60, 0), (10, 19, 60, 0))
    assert (pick(found, [3, 0, 0]) == 0).all()
    assert pick(found, [3, 0, 0], fixed=1).tolist() == [1] * 10 + [2] * 10
    shots = np.repeat([0, 1], 10)
    apart = tracks((0, 9, 0, 0), (0, 9, 60, 0), (10, 19, 0, 0), (10, 19, 60, 0))
    assert pick(apart, [3, 0, 3, 0], shots, fixed=1).tolist() == [1] * 10 + [2] * 10
    both = tracks((0, 6, 0, 0), (3, 16, 0, 0))
    assert pick(both, [0, 1], fixed=0)[:7].tolist() == [0] * 7, "though the next one is seen"


def test_the_object_of_highest_appeal_is_picked_while_it_is_seen():
    found = tracks((0, 19, 0, 0), (5, 12, 60, 0))
    assert pick(found, [0, 5]).tolist() == [-1] * 5 + [1] * 8 + [-1] * 7
    assert set(pick(found, [0, 0.5]).tolist()) == {0}


def test_of_equal_objects_the_one_that_is_seen_while_it_matters_is_picked():
    found = tracks((0, 14, 0, 0), (15, 19, 60, 0))
    relevance = np.where(np.arange(20) >= 15, 1.0, 0.1)
    assert set(pick(found, [0, 0]).tolist()) == {0, -1}
    assert set(pick(found, [0, 0], relevance=relevance).tolist()) == {1, -1}


def test_an_object_that_was_lost_is_picked_again():
    found = tracks((0, 5, 0, 0), (8, 12, 1, 0), (13, 19, 2, 0), (0, 19, 60, 0))
    assert pick(found, [3, 3, 3, 0]).tolist() == [0] * 6 + [-1] * 2 + [1] * 5 + [2] * 7


def test_what_does_not_fit_the_sentence_does_not_continue_the_object():
    found = tracks((0, 5, 0, 0), (6, 9, 1, 0), (0, 19, 60, 0))
    assert set(pick(found, [9, -30, 0]).tolist()) == {0, -1}


def test_each_shot_has_its_own_object():
    found = tracks((0, 9, 0, 0), (0, 9, 60, 0), (10, 19, 0, 0), (10, 19, 60, 0))
    shot = np.repeat([0, 1], 10)
    assert pick(found, [1, 0, 0, 1], shot).tolist() == [0] * 10 + [3] * 10


def test_merit_and_lead_by_hand():
    track = np.array([0, 0, 1, 2])
    merit = Merit.of(np.array([1.0, 3, 4, 9]), np.array([1.0, 1, 2, 0.5]), track, 4, 2.0)
    assert merit([0]) == pytest.approx(2 + 2 * np.log(2))
    assert merit([0, 1]) == pytest.approx(12 / 4 + 2 * np.log(4))
    assert merit.lead([0]) == pytest.approx(merit([0]) - merit([2]))
    assert merit.lead([0, 2]) == pytest.approx(merit([0, 2]) - merit([1]))
    assert merit.lead([0, 1, 2]) == np.inf


def test_without_tracks_nothing_is_picked():
    assert pick(tracks(), []).tolist() == [-1] * 20


@pytest.mark.parametrize("seed", range(20))
def test_in_any_video_a_shot_shows_one_track_at_a_time(seed):
    rng = np.random.default_rng(seed)
    lives = [(a, min(19, a + rng.integers(0, 12)), rng.integers(0, 80), rng.integers(-4, 5))
             for a in rng.integers(0, 19, 8)]  # fmt: skip
    found = tracks(*lives)
    picks = pick(found, rng.normal(size=8), np.repeat([0, 1], 10))
    for t in np.flatnonzero(picks >= 0):
        assert found.kind[picks[t], t]
