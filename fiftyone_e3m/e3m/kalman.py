"""A constant-velocity Kalman filter for one region (filterpy does the filtering).

State: centre, size and their velocities, ``[cx, cy, w, h, vx, vy, vw, vh]``, in pixels and pixels
per sampled frame. The noise is proportional to the height of the region, so that nothing depends on
the resolution (DeepSORT). Velocity noise grows where frames are sampled sparsely: DeepSORT's values
are made for 30 frames per second.
"""

from __future__ import annotations

import numpy as np
from filterpy.kalman import KalmanFilter
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
        self._velocity_noise = VELOCITY_NOISE * float(
            np.clip(DESIGN_FPS / fps, 1, MAX_VELOCITY_SCALE)
        )
        kf = KalmanFilter(dim_x=8, dim_z=4)
        kf.F = np.eye(8) + np.eye(8, k=4)
        kf.H = np.eye(4, 8)
        kf.x[:4, 0] = _to_state(box)
        scale = [INITIAL_POSITION, INITIAL_VELOCITY]
        kf.P = np.diag(self._noise(box[3] - box[1], *scale) ** 2)
        self._kf = kf

    @property
    def box(self) -> Float:
        """(4,) current estimate, xyxy."""
        return _to_box(self._kf.x[:4, 0])

    def predict(self) -> Float:
        """Moves one sampled frame on.

        Returns:
            (4,) the predicted box, xyxy.
        """
        self._kf.Q = np.diag(self._noise(self._kf.x[3, 0]) ** 2)
        self._kf.predict()
        return self.box

    def update(self, box: Float) -> None:
        """Corrects the state with an observed box (4,), xyxy."""
        height = self._kf.x[3, 0]
        self._kf.R = np.eye(4) * (POSITION_NOISE * max(height, 1.0)) ** 2
        self._kf.update(_to_state(box))

    def _noise(self, height: float, position: float = 1, velocity: float = 1) -> Float:
        noise = np.repeat([position * POSITION_NOISE, velocity * self._velocity_noise], 4)
        return noise * max(height, 1.0)

    def _snapshot(self) -> tuple[Float, Float, Float]:
        return self._kf.x.copy(), self._kf.P.copy(), np.array(self._kf.Q)

    def _smoothed(self, history: list[tuple[Float, Float, Float]]) -> Float:
        means, covariances, noises = (np.array(part) for part in zip(*history, strict=True))
        # filterpy reads the noise of the step k -> k+1 at k+1, where the filter noted it
        transitions = [self._kf.F] * len(history)
        means, *_ = self._kf.rts_smoother(means, covariances, transitions, noises)
        return np.array([_to_box(x[:4, 0]) for x in means])


def smooth(observed: Float, fps: float) -> Float:
    """Boxes of a track with its gaps filled by Rauch-Tung-Striebel smoothing.

    Args:
        observed: (L, 4) xyxy over the life of a track; rows of NaN where nothing was detected. The
            first row must be a box.
        fps: sampled frames per second.

    Returns:
        (L, 4) smoothed boxes, informed by past and future.
    """
    region = RegionFilter(observed[0], fps)
    history = [region._snapshot()]
    for box in observed[1:]:
        region.predict()
        if np.isfinite(box).all():
            region.update(box)
        history.append(region._snapshot())
    return region._smoothed(history)


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
    region = RegionFilter(observed[0], fps)
    for box in observed[1:]:
        region.predict()
        if np.isfinite(box).all():
            region.update(box)
    return np.array([region.predict() for _ in range(n)]).reshape(n, 4)


def _to_state(box: Float) -> Float:
    return np.array(
        [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]]
    )


def _to_box(state: Float) -> Float:
    centre, half = state[:2], np.maximum(state[2:4], 1.0) / 2
    return np.concatenate([centre - half, centre + half])
