"""From frames and tracks to features: each picture encoded once, and only if it shows a change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cache import Cache
from .config import E3MConfig
from .denoising import Denoiser
from .digest import digest
from .e3m.arrays import steps, unit
from .e3m.evidence import Evidence
from .e3m.tracks import Tracks
from .encoders import Encoder
from .encoding import Features, encode
from .pictures import Pictures
from .thinning import interpolate
from .video import Video


def encode_video(
    video: Video,
    sampled: NDArray[np.int64],
    tracks: Tracks,
    encoder: Encoder,
    config: E3MConfig,
    shot: NDArray[np.int64] | None = None,
    cache: Cache | None = None,
    overlap: bool = True,
) -> Evidence:
    """Encodes the regions and frames of a video in one pass over the file, or none if remembered.

    Args:
        video: the file.
        sampled: (T,) 0-based numbers of the sampled frames.
        tracks: tracks over these frames.
        encoder: turns pictures into vectors.
        config: uses the parameters of features.
        shot: (T,) number of the shot of each sampled frame; None for a single shot.
        cache: remembers features from run to run, for encoders with a `fingerprint`.
        overlap: make pictures in a thread while others are encoded; the result is the same.

    Returns:
        What the algorithm needs to ground any number of sentences.

    Raises:
        VideoError: the video cannot be decoded up to the last sampled frame.
    """
    if len(sampled) == 0:
        raise ValueError("there is nothing to encode: no frame was sampled")
    shot = np.zeros(len(sampled), np.int64) if shot is None else shot
    fps = sampling_rate(video, sampled, config)
    reach = steps(config.skip_seconds, fps)
    pictures = Pictures.of(sampled, tracks, shot, config)
    memory = _Memory.of(cache, video, encoder, pictures, config, reach)
    seen = memory.recall()
    if seen is None:
        changed = pictures.changed(video, encoder.image_size, config, reach)
        seen = encode(changed, encoder, overlap, memory.similar())
        memory.keep(*seen)
    features = interpolate(*seen, pictures.row, pictures.time)
    whole, parts = features[: len(sampled)], features[len(sampled) :]
    by_prompt = parts.reshape(len(config.prompts), len(tracks.regions), parts.shape[1])
    blurred = by_prompt[config.prompts.index("blur")] if "blur" in config.prompts else None
    denoiser = Denoiser(video, sampled, tracks, encoder, config, whole, blurred, overlap)
    regions, size = unit(by_prompt.mean(axis=0)), (video.width, video.height)
    return Evidence(tracks, regions, whole, denoiser, fps, shot, size)


def sampling_rate(video: Video, sampled: NDArray[np.int64], config: E3MConfig) -> float:
    """Sampled frames per second, after rounding and thinning."""
    if len(sampled) < 2:
        return config.sample_fps
    return (len(sampled) - 1) / (sampled[-1] - sampled[0]) * video.frame_rate


@dataclass(frozen=True)
class _Memory:
    """What the cache knows of the pictures of one video.

    A group of its entries is all that was encoded of a video by an encoder; an entry is one choice
    of frames, boxes and prompts, and other choices share the pictures that are the same.
    """

    cache: Cache | None
    group: str
    name: str
    pictures: Pictures

    @classmethod
    def of(
        cls,
        cache: Cache | None,
        video: Video,
        encoder: Encoder,
        pictures: Pictures,
        config: E3MConfig,
        reach: int,
    ) -> _Memory:
        fingerprint = getattr(encoder, "fingerprint", None)
        if cache is None or fingerprint is None:
            return cls(None, "", "", pictures)
        look = (encoder.image_size, config.crop_pad, config.blur_sigma)
        group = digest("features", video.fingerprint, fingerprint, look)
        name = digest(pictures.keys(), pictures.row, config.skip_change, reach)
        return cls(cache, group, name, pictures)

    def recall(self) -> tuple[NDArray[np.int64], Features] | None:
        """Numbers and features of the encoded pictures, if exactly these were asked before."""
        entry = self.cache.get(self.group, self.name) if self.cache else None
        return (entry["numbers"], entry["features"]) if entry else None

    def similar(self) -> dict[int, Features]:
        """Features by number of the pictures that were encoded in another choice."""
        known: dict[bytes, Features] = {}
        for entry in self.cache.others(self.group) if self.cache else ():
            keys = map(np.ndarray.tobytes, entry["keys"])
            known.update(zip(keys, entry["features"], strict=True))
        asked = map(np.ndarray.tobytes, self.pictures.keys()) if known else ()
        return {number: known[key] for number, key in enumerate(asked) if key in known}

    def keep(self, numbers: NDArray[np.int64], features: Features) -> None:
        if self.cache is not None:
            keys = self.pictures.keys(numbers)
            self.cache.put(
                self.group, self.name, {"numbers": numbers, "features": features, "keys": keys}
            )
