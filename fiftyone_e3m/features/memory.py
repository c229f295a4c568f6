"""Cache keys and cached features for the pictures of a video.

A group of entries holds everything that one encoder has encoded of a video. An entry is one choice
of frames, boxes and views; other choices reuse its features for the pictures they share.
"""

from __future__ import annotations

import numpy as np

from ..cache import Cache, Key, digest
from ..config import E3MConfig
from ..encoders import Encoder
from ..video import Video
from .batches import Features
from .pictures import Pictures

HELD = "colours", "camera"
"""What entries hold besides features; those that hold less have other keys."""


def key_of(video: Video, encoder: Encoder, pictures: Pictures, config: E3MConfig) -> Key | None:
    """The cache key of a video's features; None for encoders without a fingerprint.

    Marks in `E3MConfig` say which parameters are part of it.
    """
    fingerprint = getattr(encoder, "fingerprint", None)
    if fingerprint is None:
        return None
    look = encoder.image_size, config.marked("picture")
    group = digest("features", HELD, video.fingerprint, fingerprint, look)
    return Key(group, digest(pictures.keys(), pictures.row, config.marked("selection")))


def similar(cache: Cache | None, key: Key | None, pictures: Pictures) -> dict[int, Features]:
    """Features, by number, of those pictures that another choice has already encoded."""
    features_by_key: dict[bytes, Features] = {}
    for entry in cache.others(key.group) if cache and key else ():
        keys = map(np.ndarray.tobytes, entry["keys"])
        features_by_key.update(zip(keys, entry["features"], strict=True))
    wanted = map(np.ndarray.tobytes, pictures.keys()) if features_by_key else ()
    return {n: features_by_key[key] for n, key in enumerate(wanted) if key in features_by_key}
