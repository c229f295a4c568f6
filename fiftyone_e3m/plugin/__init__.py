"""FiftyOne operators and panels: thin wrappers around the library."""

from .evaluating import EvaluateGrounding
from .following import FollowEditedEvents
from .ground.operator import GroundVideos
from .ground.preview import PreviewGrounding
from .ground.stop import StopGrounding
from .handing_over import PrepareForAnnotation
from .metrics import TUBE_METRICS
from .opening import MendDataset, PlaceTimeline
from .panels.overview import GroundingOverview
from .panels.timeline import RelevanceTimeline
from .regrounding import CorrectTube, FindObject
from .rejecting import RejectTube
from .reviewing import AcceptTubes, CorrectEvent, DeleteGrounding
from .saving_views import SaveReviewViews

OPERATORS = (
    GroundVideos,
    PreviewGrounding,
    EvaluateGrounding,
    *TUBE_METRICS,
    AcceptTubes,
    CorrectEvent,
    CorrectTube,
    FindObject,
    RejectTube,
    FollowEditedEvents,
    DeleteGrounding,
    PrepareForAnnotation,
    SaveReviewViews,
    StopGrounding,
    MendDataset,
    PlaceTimeline,
)
PANELS = (GroundingOverview, RelevanceTimeline)
