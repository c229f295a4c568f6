"""The algorithm: NumPy in, NumPy out. No FiftyOne, no torch, no files, no clock."""

from .em import Grounding, find
from .events import Event
from .evidence import Evidence, Query
from .text_prototypes import Prototype
from .tracks import Tracks, build_tracks
from .tube import Tube, make_tube, splice

__all__ = [
    "Event",
    "Evidence",
    "Grounding",
    "Prototype",
    "Query",
    "Tracks",
    "Tube",
    "build_tracks",
    "find",
    "make_tube",
    "splice",
]
