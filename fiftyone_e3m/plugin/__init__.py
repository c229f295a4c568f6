"""FiftyOne operators and panels: thin shells over the library."""

from .evaluating import EvaluateGrounding
from .handing_over import PrepareForAnnotation
from .metrics import TUBE_METRICS
from .operators import GroundVideos
from .overview import GroundingOverview
from .previewing import PreviewGrounding
from .reviewing import AcceptTubes, CorrectEvent, DeleteGrounding
from .saved_views import SaveReviewViews
from .stopping import StopGrounding
from .timeline import RelevanceTimeline

OPERATORS = (
    GroundVideos,
    PreviewGrounding,
    EvaluateGrounding,
    *TUBE_METRICS,
    AcceptTubes,
    CorrectEvent,
    DeleteGrounding,
    PrepareForAnnotation,
    SaveReviewViews,
    StopGrounding,
)
PANELS = (GroundingOverview, RelevanceTimeline)
