"""FiftyOne dataset importers for published datasets of sentences and tubes."""

from .base import GroundingImporter
from .hcstvg import HCSTVGImporter
from .report import ImportReport, Problem
from .vidstg import VidSTGImporter

__all__ = ["GroundingImporter", "HCSTVGImporter", "ImportReport", "Problem", "VidSTGImporter"]
