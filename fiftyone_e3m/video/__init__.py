"""A video file: its frames and its shots."""

from .file import Image, TruncatedVideoError, Video, VideoError
from .shots import CutFinder, shot_numbers

__all__ = [
    "CutFinder",
    "Image",
    "TruncatedVideoError",
    "Video",
    "VideoError",
    "shot_numbers",
]
