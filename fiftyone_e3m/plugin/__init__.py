"""FiftyOne operators and panels: thin shells over the library."""

from .operators import GroundVideos

OPERATORS = (GroundVideos,)
