"""Published datasets of sentences and tubes, as FiftyOne dataset importers."""

from .base import GroundingImporter
from .hcstvg import HCSTVGImporter
from .report import ImportReport, Problem
from .vidstg import VidSTGImporter

__all__ = ["GroundingImporter", "HCSTVGImporter", "ImportReport", "Problem", "VidSTGImporter"]
