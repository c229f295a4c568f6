"""Frames denoised around a picked object."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .config import E3MConfig
from .e3m.linking import NO_PICK
from .e3m.tracks import DETECTED, Tracks
from .encoders import Encoder
from .encoding import Features, encode
from .pictures import View
from .video import Video
from .views import Canvas


class Denoiser:
    """Features of frames denoised around a pick; each (frame, track) is encoded once.

    The blur prompt of a region is the frame with all *outside* the region blurred, so where that
    prompt was encoded its feature is reused.

    Args:
        video: the file.
        sampled: (T,) 0-based numbers of the sampled frames.
        tracks: tracks over these frames.
        encoder: turns pictures into vectors.
        config: uses `denoise` and `blur_sigma`.
        whole: (T, D) features of the frames as they are.
        blurred: (M, D) features of the regions under the blur prompt; None if there are none.
        overlap: make pictures in a thread while others are encoded.
    """

    def __init__(
        self,
        video: Video,
        sampled: NDArray[np.int64],
        tracks: Tracks,
        encoder: Encoder,
        config: E3MConfig,
        whole: Features,
        blurred: Features | None,
        overlap: bool,
    ) -> None:
        self._video, self._sampled, self._tracks = video, sampled, tracks
        self._encoder, self._config, self._overlap = encoder, config, overlap
        self._whole, self._blurred = whole, blurred if config.denoise == "outside" else None
        self._known: dict[tuple[int, int], Features] = {}

    def __call__(self, picks: NDArray[np.int64]) -> Features:
        """Features (T, D) of the frames; those without a pick keep their own.

        Args:
            picks: (T,) the picked track of each frame, or `NO_PICK`.
        """
        frames = np.flatnonzero(picks != NO_PICK)
        denoised = self._whole.copy()
        if self._blurred is not None:
            denoised[frames] = self._blurred[self._tracks.row[picks[frames], frames]]
            return denoised
        unknown = [t for t in frames if (t, picks[t]) not in self._known]
        if unknown:
            self._learn(np.array(unknown), picks)
        for t in frames:
            denoised[t] = self._known[int(t), int(picks[t])]
        return denoised

    def _learn(self, frames: NDArray[np.int64], picks: NDArray[np.int64]) -> None:
        rows, features = encode(self._pictures(frames, picks), self._encoder, self._overlap)
        for t, feature in zip(frames[rows], features, strict=True):
            self._known[int(t), int(picks[t])] = feature

    def _pictures(self, frames: NDArray[np.int64], picks: NDArray[np.int64]) -> Iterator[View]:
        for row, frame in self._video.read(self._sampled[frames]):
            t = frames[row]
            boxes, pick = self._tracks.box[:, t], picks[t]
            canvas = Canvas(frame, self._encoder.image_size, self._config.blur_sigma)
            if self._config.denoise == "others":
                others = self._tracks.kind[:, t] == DETECTED
                others[pick] = False
                yield row, canvas.without(boxes[others], boxes[pick])
            else:
                yield row, canvas.only(boxes[pick])
