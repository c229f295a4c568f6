"""A constant-velocity Kalman filter for one region.

State: centre, size and their velocities, ``[cx, cy, w, h, vx, vy, vw, vh]``, in pixels and pixels
per sampled frame. The noise is proportional to the height of the region, so that nothing depends on
the resolution (DeepSORT). Velocity noise grows where frames are sampled sparsely: DeepSORT's values
are made for 30 frames per second.

Noise is the same for all four coordinates, so the 8x8 covariance is four times the same 2x2 one,
and everything has a closed form: several times as fast as a filter on 8x8 matrices.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

POSITION_NOISE = 1 / 20
VELOCITY_NOISE = 1 / 160
INITIAL_POSITION = 2
INITIAL_VELOCITY = 10
DESIGN_FPS = 30
MAX_VELOCITY_SCALE = 15


class RegionFilter:
    """Follows one region through sampled frames.

    Args:
        box: (4,) first observation, xyxy in pixels.
        fps: sampled frames per second.

    Example:
        >>> region = RegionFilter(np.array([0., 0, 10, 20]), fps=5)
        >>> for x in (2., 4., 6.):
        ...     _ = region.predict()
        ...     region.update(np.array([x, 0, x + 10, 20]))
        >>> float(region.predict()[0].round())
        8.0
    """

    def __init__(self, box: Float, fps: float) -> None:
        self._noise = _velocity_noise(fps)
        self._state = _first(_to_state(box), self._noise)

    @property
    def box(self) -> Float:
        """(4,) current estimate, xyxy."""
        return _to_box(self._state.x)

    def predict(self) -> Float:
        """Moves one sampled frame on.

        Returns:
            (4,) the predicted box, xyxy.
        """
        self._state = _expected(self._state, self._noise)
        return self.box

    def update(self, box: Float) -> None:
        """Corrects the state with an observed box (4,), xyxy."""
        self._state = _corrected(self._state, _to_state(box))


class _State(NamedTuple):
    """What is believed of a region: Gaussian, with the same covariance for all four coordinates.

    Attributes:
        x: (4,) centre and size.
        v: (4,) their velocities.
        xx: variance of each coordinate.
        xv: covariance of each coordinate and its velocity.
        vv: variance of each velocity.
    """

    x: Float
    v: Float
    xx: float
    xv: float
    vv: float


def smooth(observed: Float, fps: float) -> Float:
    """Boxes of a track with its gaps filled by Rauch-Tung-Striebel smoothing.

    Args:
        observed: (L, 4) xyxy over the life of a track; rows of NaN where nothing was detected. The
            first row must be a box.
        fps: sampled frames per second.

    Returns:
        (L, 4) smoothed boxes, informed by past and future.
    """
    believed, expected = _follow(observed, fps)
    x, v = believed[-1].x, believed[-1].v
    boxes = [_to_box(x)]
    for now, then in zip(believed[-2::-1], expected[:0:-1], strict=True):
        x, v = _look_back(now, then, x, v)
        boxes.append(_to_box(x))
    return np.array(boxes[::-1])


def extrapolate(observed: Float, n: int, fps: float) -> Float:
    """Where the forward filter expects a track in the `n` frames after its last observation.

    Reverse `observed` in time to look before the first one.

    Args:
        observed: (L, 4) as in `smooth`.
        n: number of sampled frames.
        fps: sampled frames per second.

    Returns:
        (n, 4) predicted boxes, xyxy.
    """
    if n == 0:
        return np.empty((0, 4))
    believed, _ = _follow(observed, fps)
    x, v = believed[-1].x, believed[-1].v
    return np.array([_to_box(x + step * v) for step in range(1, n + 1)])


def _follow(observed: Float, fps: float) -> tuple[list[_State], list[_State]]:
    """The forward filter: what is believed in each frame with its box, and expected without."""
    noise = _velocity_noise(fps)
    state = _first(_to_state(observed[0]), noise)
    believed, expected = [state], [state]
    seen = np.isfinite(observed[:, 0])
    for box, is_seen in zip(observed[1:], seen[1:], strict=True):
        state = _expected(state, noise)
        expected.append(state)
        if is_seen:
            state = _corrected(state, _to_state(box))
        believed.append(state)
    return believed, expected


def _velocity_noise(fps: float) -> float:
    """Standard deviation of the velocity's noise, as a share of the height."""
    return VELOCITY_NOISE * min(max(DESIGN_FPS / fps, 1.0), MAX_VELOCITY_SCALE)


def _first(observed: Float, noise: float) -> _State:
    height = _height(observed)
    return _State(
        x=observed,
        v=np.zeros(4),
        xx=(INITIAL_POSITION * POSITION_NOISE * height) ** 2,
        xv=0.0,
        vv=(INITIAL_VELOCITY * noise * height) ** 2,
    )


def _expected(s: _State, noise: float) -> _State:
    """One sampled frame on."""
    height = _height(s.x)
    return _State(
        x=s.x + s.v,
        v=s.v,
        xx=s.xx + 2 * s.xv + s.vv + (POSITION_NOISE * height) ** 2,
        xv=s.xv + s.vv,
        vv=s.vv + (noise * height) ** 2,
    )


def _corrected(s: _State, observed: Float) -> _State:
    """With centre and size (4,) observed."""
    total = s.xx + (POSITION_NOISE * _height(s.x)) ** 2
    gain_x, gain_v = s.xx / total, s.xv / total
    surprise = observed - s.x
    return _State(
        x=s.x + gain_x * surprise,
        v=s.v + gain_v * surprise,
        xx=s.xx - gain_x * s.xx,
        xv=s.xv - gain_x * s.xv,
        vv=s.vv - gain_v * s.xv,
    )


def _look_back(now: _State, then: _State, x: Float, v: Float) -> tuple[Float, Float]:
    """Corrects `now` by how far (`x`, `v`) is from what `now` made expect for `then`.

    The gain is P F^T P'^-1 with the covariances P now and P' then; the step F is [[1, 1], [0, 1]].
    """
    off_x, off_v = x - then.x, v - then.v
    determinant = then.xx * then.vv - then.xv**2
    pull_x = (then.vv * off_x - then.xv * off_v) / determinant
    pull_v = (then.xx * off_v - then.xv * off_x) / determinant
    return (
        now.x + (now.xx + now.xv) * pull_x + now.xv * pull_v,
        now.v + (now.xv + now.vv) * pull_x + now.vv * pull_v,
    )


def _height(state: Float) -> float:
    return max(float(state[3]), 1.0)


def _to_state(box: Float) -> Float:
    x1, y1, x2, y2 = box.tolist()
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])


def _to_box(state: Float) -> Float:
    cx, cy, w, h = state.tolist()
    half_w, half_h = max(w, 1.0) / 2, max(h, 1.0) / 2
    return np.array([cx - half_w, cy - half_h, cx + half_w, cy + half_h])
