"""A video file: its frames and its shots."""

from .container import Image
from .errors import TruncatedVideoError, VideoError
from .file import Reading, Video
from .shots import CutFinder, shot_numbers, unsampled_shots

__all__ = [
    "CutFinder",
    "Image",
    "Reading",
    "TruncatedVideoError",
    "Video",
    "VideoError",
    "shot_numbers",
    "unsampled_shots",
]
