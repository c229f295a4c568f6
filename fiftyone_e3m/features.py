"""From frames and tracks to features: crops, visual prompts, batches; each encoded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from .config import E3MConfig
from .e3m.arrays import unit
from .e3m.evidence import Evidence
from .e3m.linking import NO_PICK
from .e3m.tracks import DETECTED, Tracks
from .encoders import BATCH, Encoder
from .video import Image, Video

Features = NDArray[np.float32]
T = TypeVar("T")

FINE_SIGMA = 8.0
"""Pixels of standard deviation that a blur needs to look smooth."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A frame shrunk to the encoder's input, and the same blurred: all prompts are cut from these.

    Blurring after shrinking gives the same picture as before it, at a fraction of the cost.

    Attributes:
        sharp: (H', W', 3) the frame without keeping its aspect.
        blurred: (H', W', 3) the same under a Gaussian blur.
        scale: (4,) from xyxy in the source frame to xyxy here.
    """

    sharp: Image
    blurred: Image
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, frame: Image, size: tuple[int, int], blur_sigma: float) -> Canvas:
        """Prepares a frame (H, W, 3) for an encoder of input `size` (height, width)."""
        height, width = frame.shape[:2]
        scale = np.array([size[1] / width, size[0] / height] * 2)
        sharp = resize(frame, size)
        sigma = blur_sigma * max(height, width) * scale
        return cls(sharp, blur(sharp, sigma[0], sigma[1]), scale)

    def only(self, box: NDArray[np.floating]) -> Image:
        """The frame with all but `box` (4,) blurred."""
        return _paste(self.blurred.copy(), self.sharp, self._window(box))

    def without(self, others: NDArray[np.floating], box: NDArray[np.floating]) -> Image:
        """The frame with the boxes `others` (N, 4) blurred, except where `box` (4,) is."""
        image = self.sharp.copy()
        for other in others:
            _paste(image, self.blurred, self._window(other))
        return _paste(image, self.sharp, self._window(box))

    def _window(self, box: NDArray[np.floating]) -> tuple[slice, slice]:
        x1, y1, x2, y2 = np.round(box * self.scale).astype(int)
        return slice(max(y1, 0), max(y2, y1 + 1)), slice(max(x1, 0), max(x2, x1 + 1))


def resize(image: Image, size: tuple[int, int]) -> Image:
    """An image brought to `size` (height, width) without keeping its aspect."""
    shrinks = image.shape[0] * image.shape[1] > size[0] * size[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(image, (size[1], size[0]), interpolation=method)


def blur(image: Image, sigma_x: float, sigma_y: float) -> Image:
    """A Gaussian blur; a wide one is done on a smaller image: same look, less work."""
    height, width = image.shape[:2]
    shrink = max(1, int(min(sigma_x, sigma_y) / FINE_SIGMA))
    small = resize(image, (max(1, height // shrink), max(1, width // shrink)))
    sigmas = sigma_x * small.shape[1] / width, sigma_y * small.shape[0] / height
    small = cv2.GaussianBlur(small, (0, 0), sigmaX=sigmas[0], sigmaY=sigmas[1])
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def crop(frame: Image, box: NDArray[np.floating], pad: float, size: tuple[int, int]) -> Image:
    """The part of a frame inside `box` (4,), enlarged by `pad` of its size on each side."""
    height, width = frame.shape[:2]
    margin = pad * np.tile(box[2:] - box[:2], 2) * [-1, -1, 1, 1]
    x1, y1, x2, y2 = np.round(box + margin).astype(int)
    x1, y1 = np.clip([x1, y1], 0, [width - 1, height - 1])
    return resize(frame[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)], size)


def encode_video(
    video: Video,
    sampled: NDArray[np.int64],
    tracks: Tracks,
    encoder: Encoder,
    config: E3MConfig,
    shot: NDArray[np.int64] | None = None,
) -> Evidence:
    """Encodes all regions and frames of a video in one pass over the file.

    Args:
        video: the file.
        sampled: (T,) 0-based numbers of the sampled frames.
        tracks: tracks over these frames.
        encoder: turns images into vectors.
        config: uses the parameters of features.
        shot: (T,) number of the shot of each sampled frame; None for a single shot.

    Returns:
        What the algorithm needs to ground any number of sentences.

    Raises:
        VideoError: the video cannot be decoded up to the last sampled frame.
    """
    prompts = config.prompts
    n_frames, n_regions = len(sampled), len(tracks.regions)
    views = _views(video, sampled, tracks, encoder.image_size, config)
    encoded = _encode(views, n_frames + len(prompts) * n_regions, encoder)
    whole, parts = encoded[:n_frames], encoded[n_frames:]
    by_prompt = parts.reshape(len(prompts), n_regions, parts.shape[1])
    regions = unit(by_prompt.mean(axis=0))
    blurred = None
    if config.denoise == "outside" and "blur" in prompts:
        blurred = by_prompt[prompts.index("blur")]
    denoiser = _Denoiser(video, sampled, tracks, encoder, config, whole, blurred)
    fps = sampling_rate(video, sampled, config)
    shot = np.zeros(n_frames, np.int64) if shot is None else shot
    return Evidence(tracks, regions, whole, denoiser, fps, shot, (video.width, video.height))


def sampling_rate(video: Video, sampled: NDArray[np.int64], config: E3MConfig) -> float:
    """Sampled frames per second, after rounding and thinning."""
    if len(sampled) < 2:
        return config.sample_fps
    return (len(sampled) - 1) / (sampled[-1] - sampled[0]) * video.frame_rate


def _views(
    video: Video,
    sampled: NDArray[np.int64],
    tracks: Tracks,
    size: tuple[int, int],
    config: E3MConfig,
) -> Iterator[tuple[int, Image]]:
    """All images to encode with their rows: T whole frames, then all regions prompt by prompt."""
    n_frames, n_regions = len(sampled), len(tracks.regions)
    for t, frame in video.read(sampled):
        canvas = Canvas.of(frame, size, config.blur_sigma)
        yield t, canvas.sharp
        for k in np.flatnonzero(tracks.kind[:, t]):
            box = tracks.box[k, t]
            for p, prompt in enumerate(config.prompts):
                row = n_frames + p * n_regions + int(tracks.row[k, t])
                if prompt == "crop":
                    yield row, crop(frame, box, config.crop_pad, size)
                else:
                    yield row, canvas.only(box)


def _encode(views: Iterator[tuple[int, Image]], n_rows: int, encoder: Encoder) -> Features:
    """Encodes images in batches and puts each feature into its row: (n_rows, D)."""
    encoded: Features | None = None
    for batch in _batched(views, BATCH):
        features = encoder.encode_images(np.stack([image for _, image in batch]))
        if encoded is None:
            encoded = np.empty((n_rows, features.shape[1]), np.float32)
        encoded[[row for row, _ in batch]] = features
    if encoded is None:
        raise ValueError("there is nothing to encode: no frame was sampled")
    return encoded


def _batched(items: Iterator[T], size: int) -> Iterator[Sequence[T]]:
    while batch := list(islice(items, size)):
        yield batch


class _Denoiser:
    """Features of frames denoised around a pick; each (frame, track) is encoded once.

    The blur prompt of a region is the frame with all *outside* the region blurred, so where that
    prompt was encoded its feature is reused.
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
    ) -> None:
        self._video, self._sampled, self._tracks = video, sampled, tracks
        self._encoder, self._config = encoder, config
        self._whole, self._blurred = whole, blurred
        self._known: dict[tuple[int, int], Features] = {}

    def __call__(self, picks: NDArray[np.int64]) -> Features:
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
        encoded = _encode(self._images(frames, picks), len(frames), self._encoder)
        for t, feature in zip(frames, encoded, strict=True):
            self._known[int(t), int(picks[t])] = feature

    def _images(
        self, frames: NDArray[np.int64], picks: NDArray[np.int64]
    ) -> Iterator[tuple[int, Image]]:
        size, config = self._encoder.image_size, self._config
        for row, frame in self._video.read(self._sampled[frames]):
            t = frames[row]
            boxes = self._tracks.box[:, t]
            canvas = Canvas.of(frame, size, config.blur_sigma)
            if config.denoise == "others":
                others = self._tracks.kind[:, t] == DETECTED
                others[picks[t]] = False
                yield row, canvas.without(boxes[others], boxes[picks[t]])
            else:
                yield row, canvas.only(boxes[picks[t]])


def _paste(onto: Image, source: Image, window: tuple[slice, slice]) -> Image:
    onto[window] = source[window]
    return onto
