"""Who moves and who stays: exact small cases, and what the algorithm makes of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.e3m import Query, find
from fiftyone_e3m.e3m.pace import SLOW, agreement, pace

from .conftest import PLAIN, TEXT, UNRELATED

FPS, N = 5.0, 20
FRAME = np.arange(N)
STILL = np.zeros(N)


def boxes(x=STILL, width=20.0, height=20.0):
    """Boxes with their left sides at `x` (N,)."""
    x, width, height = np.broadcast_arrays(x, width, height)
    return np.stack([x, 0 * x, x + width, height], axis=1).astype(float)


def camera(dx=0.0, zoom=1.0):
    return np.tile([[zoom, 0, dx], [0, zoom, 0]], (N, 1, 1)).astype(float)


def test_pace_is_in_sides_per_second():
    assert pace(boxes(4.0 * FRAME), FRAME, FPS) == pytest.approx(np.ones(N))
    assert pace(boxes(8.0 * FRAME, 40, 10), FRAME, FPS) == pytest.approx(2 * np.ones(N))


def test_who_comes_closer_moves():
    side = 20 * 1.1**FRAME
    grown = pace(boxes(-side / 2, side, side), FRAME, FPS)
    assert grown == pytest.approx(np.full(N, FPS * np.log(1.1)), rel=0.3)


def test_who_stretches_out_an_arm_stays():
    """Only one side of the box moves."""
    arm = 20 + 10 * (FRAME % 4)
    assert pace(boxes(width=arm), FRAME, FPS).max() == 0
    assert pace(boxes(-arm, 2 * arm), FRAME, FPS).max() == 0


def test_the_motion_of_the_camera_is_taken_off():
    passing = boxes(-6.0 * FRAME)
    assert pace(passing, FRAME, FPS).min() > 1
    assert pace(passing, FRAME, FPS, camera(dx=-6)) == pytest.approx(STILL)
    followed = pace(boxes(), FRAME, FPS, camera(dx=-6))
    assert followed == pytest.approx(np.full(N, 1.5))
    side = 20 * 1.02**FRAME
    assert pace(boxes(0 * side, side, side), FRAME, FPS, camera(zoom=1.02)) == pytest.approx(STILL)


def test_nothing_is_known_where_the_camera_is_not():
    unknown = camera()
    unknown[10] = np.nan
    found = pace(boxes(), FRAME, FPS, unknown)
    assert np.flatnonzero(np.isnan(found)).tolist() == [8, 9, 10, 11]


@pytest.mark.parametrize(("frame", "fps"), [([3], 5.0), ([3, 30], 5.0), ([3, 4, 5], 0.5)], ids=str)
def test_nothing_is_known_of_what_is_seen_once_in_a_while(frame, fps):
    assert np.isnan(pace(boxes()[: len(frame)], np.array(frame), fps)).all()


@given(moves=st.sampled_from([-1, 0, 1]), speed=st.floats(0, 1e6) | st.just(float("nan")))
def test_agreement_is_between_opposite_and_the_same(moves, speed):
    (found,) = agreement(moves, np.array([speed]))
    assert -1 <= found <= 1
    assert found == -agreement(-moves, np.array([speed]))[0]
    assert np.sign(found) == (moves * np.sign(speed - SLOW) if speed == speed else 0)


# What the algorithm makes of it


@pytest.fixture
def walking(above, evidence):
    """Two that look alike: one stands, the other walks in frames 8 to 15 and stands else."""
    walk = 200 + 10 * np.clip(FRAME - 8, 0, 7)
    box = np.stack([boxes(0 * walk), boxes(walk)])
    return evidence(above(np.ones((2, N))), above(np.ones(N)), box=box)


def answer(video, moves, **changes):
    config = PLAIN.model_copy(update={"contrast": True, "link": "object", "pick_weight": 1.0})
    config = config.model_copy(update={"pace_weight": 2.0, **changes})
    (found,) = find(video, [Query(TEXT, moves=moves)], config, UNRELATED)
    return found


def test_the_one_who_walks_is_meant_and_the_event_is_when_he_walks(walking):
    found = answer(walking, 1)
    assert set(found.picks.tolist()) == {1}
    assert (found.first, found.last) == pytest.approx((8, 15), abs=2)  # frames of a pace


def test_the_one_who_stands_is_meant_all_the_time(walking):
    found = answer(walking, -1)
    assert set(found.picks.tolist()) == {0}
    assert (found.first, found.last) == (0, N - 1)


@pytest.mark.parametrize(("moves", "weight"), [(0, 2.0), (1, 0.0)])
def test_without_a_word_of_it_or_a_weight_nothing_changes(walking, moves, weight):
    found, plain = answer(walking, moves, pace_weight=weight), answer(walking, 0, pace_weight=0)
    assert found.gamma.tolist() == plain.gamma.tolist()
    assert found.picks.tolist() == plain.picks.tolist()
