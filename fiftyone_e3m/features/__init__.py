"""From frames and tracks to features, with as few encoded pictures as possible."""

from .encoding import encode_video

__all__ = ["encode_video"]
