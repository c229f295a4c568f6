"""Input of the algorithm: a video, before any sentence is asked, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .arrays import Floats
from .colour import Look
from .linking import NO_PICK
from .motion import Motion
from .tracks import Tracks


@dataclass(frozen=True, eq=False)
class Evidence:
    """Tracks and features of a video, before any sentence is asked.

    Attributes:
        tracks: K tracks over T sampled frames, with M regions; none crosses a cut.
        regions: (M, D) features of the regions, in the order of `tracks.regions`, length 1.
        frames: (T, D) features of the whole frames, length 1.
        denoised: (M, D) features of the regions' frames, blurred outside the region or only in the
            other objects, length 1; rows of regions that are not candidates are never used.
        colours: (M, 3, 11) share of the pixels of each region's parts in each colour, see `colour`.
        fps: sampled frames per second.
        shot: (T,) shot number of each sampled frame, ascending from 0.
        size: width and height of a frame in pixels.
        camera: (T, 2, 3) how the camera moves: affine map of points of the sampled frame before to
            those of each frame, in pixels; NaN where it is not known. None if it stands still.
    """

    tracks: Tracks
    regions: Floats
    frames: Floats
    denoised: Floats
    colours: Floats
    fps: float
    shot: NDArray[np.int64]
    size: tuple[int, int]
    camera: Floats | None = None

    @cached_property
    def candidates(self) -> NDArray[np.int64]:
        """(N,) rows of the regions that may be picked, frame by frame."""
        return np.flatnonzero(self.tracks.is_candidate)

    @cached_property
    def frame_rows(self) -> NDArray[np.int32]:
        """(S, T) the numbers of the sampled frames of each of S shots, -1 elsewhere."""
        frames = np.arange(len(self.shot), dtype=np.int32)
        return np.where(self.shot == np.unique(self.shot)[:, None], frames, -1)

    def around(self, picks: NDArray[np.int64]) -> Floats:
        """Features (T, D) of the frames denoised around the picked tracks (T,).

        A frame without a pick keeps the feature of the whole frame.
        """
        features, frames = self.frames.copy(), np.flatnonzero(picks != NO_PICK)
        features[frames] = self.denoised[self.tracks.row[picks[frames], frames]]
        return features


@dataclass(frozen=True, eq=False)
class Query:
    """A sentence as input to the algorithm.

    Attributes:
        text: (D,) its feature, length 1.
        label: (K,) how well the class of each track fits the sentence's subject, 0..1; None if that
            is not known.
        looks: colours of the subject.
        motion: how the subject moves through the picture; None if the sentence does not say.
        moves: 1 if the subject moves about, -1 if it stays in place, 0 if that is not said.
        prior: (T,) factor of each sampled frame's relevance, above 0, see `window`; None for 1.
        track: a track that is picked wherever it is seen, see `sighting`; None for none.
    """

    text: Floats
    label: Floats | None = None
    looks: tuple[Look, ...] = ()
    motion: Motion | None = None
    moves: int = 0
    prior: Floats | None = None
    track: int | None = None
