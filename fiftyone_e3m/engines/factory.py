"""From a request to the engine that carries it out."""

from __future__ import annotations

from fiftyone.core.collections import SampleCollection

from ..request import Request
from .base import Engine
from .local import LocalEngine


def start_engine(samples: SampleCollection, request: Request, n_videos: int) -> Engine:
    """Starts the engine of a request, with its models loaded.

    Args:
        samples: a video dataset or a view of one.
        request: what to do.
        n_videos: number of videos there are to do.

    Raises:
        GroundingError: its workers cannot be started, or cannot reach what they need.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
    """
    if request.engine == "local":
        return LocalEngine(samples, request)
    from .ray import RayEngine

    return RayEngine(samples, request, n_videos)
