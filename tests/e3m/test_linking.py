"""Tests the choice of one object from scores: the path is optimal, and steady if requested."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.boxes import iou_matrix
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m.linking import NO_PICK, likenesses, link

LEFT, MIDDLE, RIGHT = [0.0, 0, 10, 10], [5.0, 0, 15, 10], [100.0, 0, 110, 10]


def pick(score, track, frame, box, shot, how="viterbi", weight=1.0, fixed=None):
    config = E3MConfig(link=how, link_weight=weight)
    track, frame = np.array(track, int), np.array(frame, int)
    likeness = likenesses(track, frame, np.array(box, float).reshape(-1, 4), np.array(shot))
    return link(np.array(score, float), track, frame, len(shot), likeness, config, fixed)


def two_objects(scores, shot=None):
    """Tracks 0 (left) and 1 (right) in every frame; `scores` (T, 2)."""
    n = len(scores)
    return {
        "score": np.ravel(scores),
        "track": [0, 1] * n,
        "frame": np.repeat(range(n), 2),
        "box": [LEFT, RIGHT] * n,
        "shot": [0] * n if shot is None else shot,
    }


NOISY = two_objects([[1, 0], [1, 0], [0, 0.6], [1, 0]])


def test_a_noisy_frame_does_not_make_the_pick_leave_its_track():
    assert pick(**NOISY, how="viterbi").tolist() == [0, 0, 0, 0]
    assert pick(**NOISY, how="argmax").tolist() == [0, 0, 1, 0]


def test_a_lasting_change_moves_the_pick():
    scores = [[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]]
    assert pick(**two_objects(scores)).tolist() == [0, 0, 1, 1, 1]


def test_staying_is_not_rewarded_across_a_cut():
    scores = [[1, 0], [1, 0], [0, 0.6], [0, 0.6]]
    assert pick(**two_objects(scores), weight=2).tolist() == [0, 0, 0, 0]
    assert pick(**two_objects(scores, shot=[0, 0, 1, 1]), weight=2).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("how", ["viterbi", "argmax"])
def test_a_track_that_must_be_picked_is_picked_wherever_it_is_seen(how):
    one = two_objects([[1, 0]] * 4)
    assert pick(**one, fixed=1, how=how).tolist() == [1, 1, 1, 1]
    rows = [0, 1, 3, 5, 6]  # the right one is seen in the first three frames
    some = {name: [one[name][row] for row in rows] for name in ("score", "track", "frame", "box")}
    assert pick(**some, shot=one["shot"], fixed=1, how=how).tolist() == [1, 1, 1, 0]
    assert pick(**some, shot=one["shot"], how=how).tolist()[0] == 0


def test_argmax_ignores_the_link_weight():
    assert pick(**NOISY, how="argmax", weight=50).tolist() == [0, 0, 1, 0]


def test_a_change_of_track_prefers_the_box_in_the_same_place():
    frames = {"frame": [0, 1, 1], "track": [0, 1, 2], "box": [LEFT, RIGHT, MIDDLE], "shot": [0, 0]}
    assert pick([1, 0.2, 0], **frames, weight=0.5).tolist() == [0, 1]
    assert pick([1, 0.2, 0], **frames, weight=1).tolist() == [0, 2]


@pytest.mark.parametrize("how", ["viterbi", "argmax"])
def test_frames_without_candidates_have_no_pick(how):
    picks = pick([1, 1], [0, 0], [1, 3], [LEFT, LEFT], [0] * 5, how=how)
    assert picks.tolist() == [-1, 0, -1, 0, -1]
    assert pick([], [], [], [], [0] * 3, how=how).tolist() == [NO_PICK] * 3


def test_a_track_is_followed_across_an_empty_frame():
    scores, tracks, frames = [1, 0, 0, 0.5], [0, 1, 0, 1], [0, 0, 2, 2]
    assert pick(scores, tracks, frames, [LEFT, RIGHT] * 2, [0] * 3).tolist() == [0, -1, 0]


@st.composite
def small_case(draw):
    """Up to 5 frames in up to 3 shots, with up to 3 candidates each, of up to 3 tracks."""
    score, track, frame, box = [], [], [], []
    n_frames = draw(st.integers(1, 5))
    for t in range(n_frames):
        for k in sorted(draw(st.sets(st.integers(0, 2)))):
            x = draw(st.integers(0, 12))
            score.append(draw(st.integers(-20, 20)) / 10)
            track.append(k)
            frame.append(t)
            box.append([x, 0, x + 10, 10])
    shot = sorted(draw(st.lists(st.integers(0, 2), min_size=n_frames, max_size=n_frames)))
    return {"score": score, "track": track, "frame": frame, "box": box, "shot": shot}


def value(path, score, track, frame, box, shot, weight):
    """The value of a path of candidates, by definition."""
    total = sum(score[i] for i in path)
    for i, j in pairwise(path):
        if shot[frame[i]] != shot[frame[j]]:
            continue
        overlap = iou_matrix(np.array([box[i]], float), np.array([box[j]], float))[0, 0]
        total += weight * (1 if track[i] == track[j] else overlap)
    return total


@settings(max_examples=100, deadline=None)
@given(small_case(), st.sampled_from([0.0, 0.3, 1.0, 5.0]))
def test_no_path_is_worth_more_than_the_picked_one(case, weight):
    picks = pick(**case, weight=weight)
    track, frame = case["track"], case["frame"]
    filled = sorted(set(frame))
    assert np.flatnonzero(picks != NO_PICK).tolist() == filled
    index = {(k, t): i for i, (k, t) in enumerate(zip(track, frame, strict=True))}
    picked = [index[picks[t], t] for t in filled]
    groups = [[i for i in range(len(frame)) if frame[i] == t] for t in filled]
    best = max(value(path, **case, weight=weight) for path in product(*groups))
    assert value(picked, **case, weight=weight) == pytest.approx(best)


@settings(max_examples=50, deadline=None)
@given(small_case())
def test_link_weight_zero_is_argmax(case):
    free, best = pick(**case, weight=0), pick(**case, how="argmax")
    assert np.array_equal(free, best)
    for t, k in enumerate(best):
        rows = [i for i, at in enumerate(case["frame"]) if at == t]
        if rows:
            assert k == case["track"][max(rows, key=lambda i: case["score"][i])]
