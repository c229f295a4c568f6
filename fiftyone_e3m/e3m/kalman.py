"""Follows one region with a constant-velocity Kalman filter, computed by filterpy.

A region is described by its centre and size, ``[cx, cy, w, h]``. Its state is a mean (2, 4),
positions in pixels above velocities in pixels per sampled frame, and a covariance (2, 2) of
position and velocity. All four coordinates are equally noisy, so they share one covariance, and
filterpy works on 2x2 matrices instead of 8x8.

Noise is proportional to the height of the region, so that nothing depends on the resolution
(DeepSORT), except where a prediction would be smaller than a pixel. Velocity noise grows where
frames are sampled sparsely, as DeepSORT's values are meant for 30 frames per second.
"""

from __future__ import annotations

import filterpy.kalman
import numpy as np
from numpy.typing import NDArray

POSITION_NOISE = 1 / 20
VELOCITY_NOISE = 1 / 160
INITIAL_POSITION = 2
INITIAL_VELOCITY = 10
DESIGN_FPS = 30
MAX_VELOCITY_SCALE = 15
SMALLEST_SIDE = 1.0
"""Side in pixels below which no prediction shrinks."""

STEP = np.array([[1.0, 1.0], [0.0, 1.0]])
"""Position changes by velocity; velocity is constant."""
OBSERVED = np.array([[1.0, 0.0]])
"""Only the position is observed, not the velocity."""


class RegionFilter:
    """Follows one region through sampled frames, and keeps its past states.

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
        >>> region.smoothed()[:, 0].round().tolist(), region.ahead(2)[:, 0].round().tolist()
        ([0.0, 2.0, 4.0, 6.0], [8.0, 10.0])
    """

    def __init__(self, box: NDArray[np.float64], fps: float) -> None:
        scale = min(max(DESIGN_FPS / fps, 1.0), MAX_VELOCITY_SCALE)
        noise = np.array([POSITION_NOISE, VELOCITY_NOISE * scale])
        self._step_noise = np.diag(noise**2)
        mean = np.stack([_to_position(box), np.zeros(4)])
        initial = np.diag((noise * [INITIAL_POSITION, INITIAL_VELOCITY]) ** 2)
        self._means = [mean]
        self._covariances = [initial * _height(mean) ** 2]
        self._n_observed = 1  # states up to the last observation; later ones are predictions

    def predict(self) -> NDArray[np.float64]:
        """Advances by one sampled frame.

        Returns:
            (4,) the predicted box, xyxy.
        """
        mean, covariance = self._means[-1], self._covariances[-1]
        noise = self._step_noise * _height(mean) ** 2
        mean, covariance = filterpy.kalman.predict(mean, covariance, STEP, noise)
        self._means.append(mean)
        self._covariances.append(covariance)
        return _to_boxes(mean[0])

    def update(self, box: NDArray[np.float64]) -> None:
        """Corrects the state with an observed box (4,), xyxy."""
        mean, covariance = self._means[-1], self._covariances[-1]
        noise = (POSITION_NOISE * _height(mean)) ** 2
        # filterpy updates a single coordinate. All four have the same gain: the result for a
        # coordinate expected at 0 and observed at 1
        gain, self._covariances[-1] = filterpy.kalman.update(
            np.zeros(2), covariance, 1.0, noise, OBSERVED
        )
        self._means[-1] = mean + np.outer(gain, _to_position(box) - mean[0])
        self._n_observed = len(self._means)

    def smoothed(self) -> NDArray[np.float64]:
        """Where the region was, given past and future: Rauch-Tung-Striebel smoothing.

        Returns:
            (L, 4) a box for each sampled frame from the first to the last observation, xyxy.
        """
        means = np.array(self._means[: self._n_observed])
        covariances = np.array(self._covariances[: self._n_observed])
        # at k, filterpy expects the noise of the step to k + 1, which depends on the height at k
        noises = self._step_noise * _height(means)[:, None, None] ** 2
        means, *_ = filterpy.kalman.rts_smoother(means, covariances, [STEP] * len(means), noises)
        return _to_boxes(means[:, 0])

    def ahead(self, n: int) -> NDArray[np.float64]:
        """Where the region is expected in the `n` sampled frames after its last observation.

        Returns:
            (n, 4) predicted boxes, xyxy.
        """
        position, velocity = self._means[self._n_observed - 1]
        return _to_boxes(position + np.arange(1, n + 1)[:, None] * velocity)


def smooth(observed: NDArray[np.float64], fps: float) -> NDArray[np.float64]:
    """Smoothed boxes of a track, with its gaps filled.

    Args:
        observed: (L, 4) xyxy over the life of a track; rows of NaN where nothing was detected. The
            first and last rows must be boxes.
        fps: sampled frames per second.

    Returns:
        (L, 4) smoothed boxes, informed by past and future.
    """
    return _followed(observed, fps).smoothed()


def extrapolate(observed: NDArray[np.float64], n: int, fps: float) -> NDArray[np.float64]:
    """Where the forward filter expects a track in the `n` frames after its last observation.

    Reverse `observed` in time for the frames before the first observation.

    Args:
        observed: (L, 4) as in `smooth`.
        n: number of sampled frames.
        fps: sampled frames per second.

    Returns:
        (n, 4) predicted boxes, xyxy.
    """
    return _followed(observed, fps).ahead(n)


def _followed(observed: NDArray[np.float64], fps: float) -> RegionFilter:
    """The filter after all rows of `observed`."""
    region = RegionFilter(observed[0], fps)
    for box in observed[1:]:
        region.predict()
        if np.isfinite(box[0]):
            region.update(box)
    return region


def _height(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights (...) of regions (..., 2, 4), at least `SMALLEST_SIDE`."""
    return np.maximum(mean[..., 0, 3], SMALLEST_SIDE)


def _to_position(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centre and size (4,) of a box (4,)."""
    low, high = box[:2], box[2:]
    return np.concatenate([(low + high) / 2, high - low])


def _to_boxes(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes (..., 4) of centres and sizes (..., 4); no side is below `SMALLEST_SIDE`."""
    centre, half = position[..., :2], np.maximum(position[..., 2:], SMALLEST_SIDE) / 2
    return np.concatenate([centre - half, centre + half], axis=-1)
