"""What the cache knows of the pictures of a video.

A group of entries is all that was encoded of a video by an encoder; an entry is one choice of
frames, boxes and views, and other choices share the pictures that are the same.
"""

from __future__ import annotations

import numpy as np

from ..cache import Cache, Key, digest
from ..config import E3MConfig
from ..encoders import Encoder
from ..video import Video
from .batches import Features
from .pictures import Pictures


def key_of(video: Video, encoder: Encoder, pictures: Pictures, config: E3MConfig) -> Key | None:
    """Where features are kept; None for encoders that do not say who they are.

    Which parameters are part of it is marked in `E3MConfig`.
    """
    fingerprint = getattr(encoder, "fingerprint", None)
    if fingerprint is None:
        return None
    look = encoder.image_size, config.marked("picture")
    group = digest("features", video.fingerprint, fingerprint, look)
    return Key(group, digest(pictures.keys(), pictures.row, config.marked("selection")))


def similar(cache: Cache | None, key: Key | None, pictures: Pictures) -> dict[int, Features]:
    """Features by number of the pictures that were encoded in another choice."""
    known: dict[bytes, Features] = {}
    for entry in cache.others(key.group) if cache and key else ():
        shown = map(np.ndarray.tobytes, entry["keys"])
        known.update(zip(shown, entry["features"], strict=True))
    asked = map(np.ndarray.tobytes, pictures.keys()) if known else ()
    return {number: known[shown] for number, shown in enumerate(asked) if shown in known}
