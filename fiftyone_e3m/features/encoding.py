"""From frames and tracks to features: each picture is encoded once, and only if it has changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cache import Arrays, Cache, get_or_make
from ..config import E3MConfig
from ..e3m import Evidence, Tracks
from ..e3m.arrays import steps, unit
from ..encoders import Encoder
from ..video import Image, Video
from .batches import encode
from .camera import Camera
from .colours import Colours
from .memory import key_of, similar
from .pictures import Pictures
from .skipping import interpolate


def encode_video(
    video: Video,
    sampled: NDArray[np.int64],
    fps: float,
    tracks: Tracks,
    encoder: Encoder,
    config: E3MConfig,
    shot: NDArray[np.int64] | None = None,
    cache: Cache | None = None,
    overlap: bool = True,
) -> Evidence:
    """Encodes the regions and frames of a video in one pass over the file, or in none if cached.

    Args:
        video: the file.
        sampled: (T,) 0-based numbers of the sampled frames.
        fps: sampled frames per second.
        tracks: tracks over these frames.
        encoder: turns pictures into vectors.
        config: uses the feature parameters.
        shot: (T,) shot number of each sampled frame; None for a single shot.
        cache: keeps features from run to run, for encoders with a `fingerprint`.
        overlap: prepare pictures in a thread while others are encoded; the result is the same.

    Returns:
        What the algorithm needs to ground any number of sentences.

    Raises:
        ValueError: no frame was sampled.
        VideoError: the video cannot be decoded up to the last sampled frame.
    """
    if len(sampled) == 0:
        raise ValueError("there is nothing to encode: no frame was sampled")
    shot = np.zeros(len(sampled), np.int64) if shot is None else shot
    pictures = Pictures.of(sampled, tracks, shot, config)
    key = key_of(video, encoder, pictures, config) if cache else None

    def make() -> Arrays:
        colours, camera = Colours.of(tracks), Camera.of(tracks)

        def watch(t: int, frame: Image) -> None:
            colours.watch(t, frame)
            camera.watch(t, frame)

        reach = steps(config.skip_seconds, fps)
        changed = pictures.changed(video, encoder.image_size, config, reach, watch)
        numbers, features = encode(changed, encoder, overlap, similar(cache, key, pictures))
        return {
            "numbers": numbers,
            "features": features,
            "keys": pictures.keys(numbers),
            "colours": colours.shares,
            "camera": camera.motion,
        }

    encoded = get_or_make(cache, key, make)
    features = interpolate(encoded["numbers"], encoded["features"], pictures.row, pictures.time)
    return Evidence(
        tracks=tracks,
        regions=unit(features[pictures.prompts].mean(axis=0)),
        frames=features[: len(sampled)],
        denoised=features[pictures.denoised],
        colours=encoded["colours"],
        fps=fps,
        shot=shot,
        size=(video.width, video.height),
        camera=encoded["camera"],
    )
