"""Tests the motion model against an independent implementation in plain NumPy.

The smoother's noise grows with the object, so using a step's noise one step too early or too late
distorts filled gaps. That depends on the library's convention, hence the independent reference.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.e3m.kalman import RegionFilter, extrapolate, smooth

F = np.eye(8) + np.diag(np.ones(4), 4)
H = np.eye(4, 8)


def to_state(box):
    x1, y1, x2, y2 = box
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])


def to_boxes(states):
    cx, cy, w, h = np.array(states)[:, :4].T
    return np.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], axis=1)


def noise(height, fps, position=1, velocity=1):
    grown = np.clip(30 / fps, 1, 15)
    std = [position * height / 20] * 4 + [velocity * height * grown / 160] * 4
    return np.diag(np.square(std))


def reference(observed, fps, ahead=0):
    """Textbook Kalman filter and RTS smoother: smoothed boxes, then `ahead` predictions."""
    m, p = np.r_[to_state(observed[0]), np.zeros(4)], noise(np.ptp(observed[0][1::2]), fps, 2, 10)
    posterior, prior = [(m, p)], [None]
    for box in observed[1:]:
        q = noise(m[3], fps)
        m, p = F @ m, F @ p @ F.T + q
        prior.append((m, p))
        if not np.isnan(box).any():
            s = H @ p @ H.T + np.eye(4) * (m[3] / 20) ** 2
            gain = p @ H.T @ np.linalg.inv(s)
            m, p = m + gain @ (to_state(box) - H @ m), p - gain @ s @ gain.T
        posterior.append((m, p))
    smoothed = [m]
    for (m_k, p_k), (m_next, p_next) in zip(posterior[-2::-1], prior[:0:-1], strict=True):
        gain = p_k @ F.T @ np.linalg.inv(p_next)
        smoothed.insert(0, m_k + gain @ (smoothed[0] - m_next))
    predicted = [np.linalg.matrix_power(F, i + 1) @ m for i in range(ahead)]
    return to_boxes(smoothed), to_boxes(predicted) if ahead else np.empty((0, 4))


def growing(n, seed=0, growth=1.2):
    """The jittery track of an object that comes closer."""
    rng = np.random.default_rng(seed)
    x, h = 15 * np.arange(n) + rng.normal(0, 3, n), 60 * growth ** np.arange(n)
    return np.stack([x, 50 - h / 9, x + h / 2, 50 + h], axis=1)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    missing=st.sets(st.integers(1, 10), max_size=6),
    fps=st.sampled_from([0.5, 1.0, 5.0, 30.0, 60.0]),
    growth=st.floats(0.9, 1.25),
)
def test_smoothing_and_prediction_equal_the_textbook(seed, missing, fps, growth):
    observed = growing(12, seed, growth)
    observed[sorted(missing)] = np.nan
    smoothed, predicted = reference(observed, fps, ahead=3)
    assert smooth(observed, fps) == pytest.approx(smoothed, abs=1e-6)
    assert extrapolate(observed, 3, fps) == pytest.approx(predicted, abs=1e-6)


def test_a_walk_goes_on_at_its_pace():
    walk = np.array([[10.0 * t, 20, 10 * t + 30, 100] for t in range(8)])
    ahead = extrapolate(walk, 3, fps=5)
    assert ahead == pytest.approx(
        np.array([[10.0 * t, 20, 10 * t + 30, 100] for t in (8, 9, 10)]), abs=3
    )
    assert np.diff(ahead[:, 0]) == pytest.approx(10, abs=1)


def test_a_gap_is_filled_from_both_sides():
    walk = np.array([[12.0 * t, 20, 12 * t + 30, 100] for t in range(9)])
    late_turn = walk.copy()
    late_turn[6:] += [0, 30, 0, 30]
    late_turn[3:6] = walk[3:6] = np.nan
    straight, turned = smooth(walk, fps=5), smooth(late_turn, fps=5)
    assert (turned[3:6, 1] > straight[3:6, 1] + 3).all()


def test_a_track_of_one_box_stays_where_it_is():
    box = np.array([[5.0, 6, 25, 66]])
    assert smooth(box, fps=5) == pytest.approx(box)
    assert extrapolate(box, 2, fps=5) == pytest.approx(np.repeat(box, 2, axis=0))
    assert extrapolate(box, 0, fps=5).shape == (0, 4)


def test_twice_the_resolution_gives_twice_the_boxes():
    observed = growing(8)
    observed[3:5] = np.nan
    assert smooth(2 * observed, 5) == pytest.approx(2 * smooth(observed, 5))
    assert extrapolate(2 * observed, 3, 5) == pytest.approx(2 * extrapolate(observed, 3, 5))


def test_a_shrinking_object_never_turns_inside_out():
    observed = np.array([[0, 0, s, s] for s in (60.0, 40, 20, 4)])
    ahead = extrapolate(observed, 10, fps=5)
    assert (ahead[:, 2:] > ahead[:, :2]).all()


def test_sparse_sampling_lets_a_track_turn_faster():
    def after_a_jump(fps):
        region = RegionFilter(np.array([0.0, 0, 40, 80]), fps)
        for x in (0, 0, 0, 0, 20):
            region.predict()
            region.update(np.array([x, 0, x + 40, 80], float))
        return region.predict()[0]

    assert after_a_jump(2) > after_a_jump(30) + 2
