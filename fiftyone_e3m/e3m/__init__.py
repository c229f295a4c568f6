"""The algorithm: NumPy in, NumPy out. No FiftyOne, no torch, no files, no clock."""

from .em import Grounding, find
from .events import Event
from .evidence import Evidence, Query
from .following import follow
from .sighting import Sighting
from .text_prototypes import Prototype
from .tracks import Tracks, build_tracks
from .tube import Tube, make_tube, splice
from .window import Span, Window, find_given

__all__ = [
    "Event",
    "Evidence",
    "Grounding",
    "Prototype",
    "Query",
    "Sighting",
    "Span",
    "Tracks",
    "Tube",
    "Window",
    "build_tracks",
    "find",
    "find_given",
    "follow",
    "make_tube",
    "splice",
]
