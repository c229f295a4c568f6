"""Checks of a request before any work starts; each error message is a sentence."""

from __future__ import annotations

from typing import Any

import bson
import fiftyone as fo
import fiftyone.core.clips as foc
from bson.errors import BSONError

from ..request import EVENTS_ROLES, GroundingError, Request, check_text, shown
from .schema import Fields

OTHER_MEDIA = {None: "nothing", "image": "images", "group": "groups"}
WITHOUT_BOXES = {
    fo.Polylines: " Polylines have no boxes; Polyline.to_detection() makes one of each.",
    fo.Keypoints: " Keypoints have no boxes; make a Detection around those of each object.",
    fo.Detection: " It holds one Detection per frame; Detections hold several.",
}
"""What to do about frame fields of labels that have no list of boxes."""
RESERVED = ("id", "filepath", "frame_number", "created_at", "last_modified_at")
"""Names of FiftyOne's own frame fields."""
LARGEST = 400_000
"""Most videos of a run: the database takes requests of 16 MB, and one names them all."""


def check_samples(samples: Any) -> None:
    """Checks that an argument is a dataset or a view.

    Raises:
        GroundingError: it is something else, or a dataset that was deleted.
    """
    if not isinstance(samples, fo.core.collections.SampleCollection):
        raise GroundingError(
            f"samples is {shown(samples)}, but it must be a dataset or a view of one. "
            "fo.load_dataset(name) opens a dataset."
        )
    dataset = samples if isinstance(samples, fo.Dataset) else samples._root_dataset
    if dataset.deleted:
        raise GroundingError(f"The dataset '{dataset.name}' was deleted. Open another one.")


def not_videos(why: str, media: str | None) -> GroundingError:
    """The refusal of samples of another kind than whole videos.

    Args:
        why: they are refused, as a sentence.
        media: what they are.
    """
    in_python = "Pass a video dataset or a view of one"
    in_app = "Open a dataset of whole videos, or show the videos in the grid."
    if media == fo.core.media.GROUP:
        in_python += ": dataset.select_group_slices(media_type='video').clone() makes one"
        in_app = "Open a dataset of the videos alone, without groups."
    return GroundingError(f"{why} {in_python}.", f"{why} {in_app}")


def check_request(samples: fo.core.collections.SampleCollection, request: Request) -> None:
    """Checks a request against a dataset or view.

    Raises:
        GroundingError: the request is invalid; the message describes the first problem.
    """
    check_samples(samples)
    media = "clips" if isinstance(samples, foc.ClipsView) else samples._dataset.media_type
    if media != fo.core.media.VIDEO:
        why = (
            f"Grounding needs whole videos, but '{samples._root_dataset.name}' holds "
            f"{OTHER_MEDIA.get(media, media)}."
        )
        raise not_videos(why, media)
    if isinstance(samples._dataset.get_field("support"), fo.FrameSupportField):
        what = (
            f"The samples of '{samples._root_dataset.name}' are clips, parts of their videos: it "
            "was made from a view of clips."
        )
        raise GroundingError(
            f"{what} Pass the dataset of the whole videos, or a view of it.",
            f"{what} Open the dataset of the whole videos.",
        )
    if len(samples) > LARGEST:
        what = f"A run can hold {LARGEST:,} videos, and these are {len(samples):,}. Ground them in"
        raise GroundingError(
            f"{what} parts, into the same field: dataset.limit({LARGEST}), then the rest.",
            f"{what} parts: add the stage Limit to the view, then Skip for the rest.",
        )
    if (request.query is None) == (request.query_field is None):
        given = "neither was" if request.query is None else "both were"
        raise GroundingError(
            f"Give a query for all videos or a query_field with one per video; {given} given.",
            "Type a sentence for all videos, or choose fields that hold the sentences of each.",
        )
    if request.query is not None and not request.queries:
        raise GroundingError("The query is empty. Type a sentence, such as 'a man in a suit'.")
    if request.query is None and not request.query_fields:
        raise GroundingError("No query field was chosen. Choose at least one.")
    for name in request.query_fields:
        _check_query_field(samples, name)
    if request.frame_boxes is not None:
        _check_boxes_field(samples, request.frame_boxes)
    if request.events_field is not None:
        _check_events_field(samples, request.events_field)
    if request.events_role not in EVENTS_ROLES:
        raise GroundingError(
            f"There is no events_role '{request.events_role}'. Use {' or '.join(EVENTS_ROLES)}."
        )
    check_field_name(request.field)
    if request.frame_boxes in Fields(request.field).of_frames:
        raise GroundingError(
            f"The results would replace the boxes in 'frames.{request.frame_boxes}'. Choose "
            "another field name."
        )
    if request.events_field in Fields(request.field).of_samples:
        raise GroundingError(
            f"The results would replace the events in '{request.events_field}'. Choose another "
            "field name."
        )
    if request.engine == "local":  # else it is the device of other machines
        request.check_device()
    _check_recordable(request)


def _check_recordable(request: Request) -> None:
    """Checks that the database can keep the request, as every run has a record."""
    try:
        bson.encode(request.settings)
    except (BSONError, OverflowError, UnicodeError) as error:
        raise GroundingError(
            f"The database cannot keep this request: {error}. Type the sentences, names and "
            "numbers again."
        ) from None


def check_field_name(name: str) -> None:
    """Checks that a name is valid for a frame field.

    Raises:
        GroundingError: it is not an identifier, or FiftyOne reserves it.
    """
    check_text("field", name)
    if not name.isidentifier() or name.startswith("_"):
        raise GroundingError(
            f"'{name}' cannot be the name of a field. Use letters, digits and underscores."
        )
    # FiftyOne accepts a field with the name of a `Frame` method, and its frames then break
    if name in RESERVED or hasattr(fo.Frame, name):
        raise GroundingError(f"FiftyOne itself uses the name '{name}'. Choose another field name.")


def _check_query_field(samples: fo.core.collections.SampleCollection, name: str) -> None:
    schema = samples.get_field_schema()
    if name not in schema:
        texts = _fields_of_text(schema)
        raise GroundingError(
            f"There is no sample field '{name}' to take queries from. Fields with text: "
            f"{', '.join(texts) or 'none'}."
        )
    if not _holds_text(schema[name]):
        raise GroundingError(
            f"The query field '{name}' holds {type(schema[name]).__name__}, not strings or lists "
            "of strings."
        )


def _check_boxes_field(samples: fo.core.collections.SampleCollection, name: str) -> None:
    schema = samples.get_frame_field_schema() or {}
    field = schema.get(name)
    if getattr(field, "document_type", None) is not fo.Detections:
        available = boxes_fields(samples)
        kind = getattr(field, "document_type", None)
        what = "is not a field of Detections" if field else "does not exist"
        raise GroundingError(
            f"The boxes field 'frames.{name}' {what}.{WITHOUT_BOXES.get(kind, '')} Frame fields "
            f"with detections: {', '.join(available) or 'none'}."
        )


def _check_events_field(samples: fo.core.collections.SampleCollection, name: str) -> None:
    available = events_fields(samples)
    if name not in available:
        exists = name in samples.get_field_schema()
        what = "is not a field of TemporalDetections" if exists else "does not exist"
        raise GroundingError(
            f"The events field '{name}' {what}. Fields with temporal detections: "
            f"{', '.join(available) or 'none'}."
        )


def boxes_fields(samples: fo.core.collections.SampleCollection) -> list[str]:
    """Names of the frame fields of `Detections`, without ``frames.``."""
    schema = samples.get_frame_field_schema() or {}
    return [n for n, f in schema.items() if getattr(f, "document_type", None) is fo.Detections]


def events_fields(samples: fo.core.collections.SampleCollection) -> list[str]:
    """Names of the sample fields of `TemporalDetections`."""
    kinds = {n: getattr(f, "document_type", None) for n, f in samples.get_field_schema().items()}
    return [name for name, kind in kinds.items() if kind is fo.TemporalDetections]


def query_fields(samples: fo.core.collections.SampleCollection) -> list[str]:
    """Names of the sample fields of strings or lists of strings, which may hold queries."""
    return _fields_of_text(samples.get_field_schema())


def _fields_of_text(schema: dict[str, fo.Field]) -> list[str]:
    own = {"id", "filepath", "tags"}
    return [name for name, field in schema.items() if _holds_text(field) and name not in own]


def _holds_text(field: fo.Field) -> bool:
    if isinstance(field, fo.ListField):
        return field.field is None or isinstance(field.field, fo.StringField)
    return isinstance(field, fo.StringField) and not isinstance(field, fo.ObjectIdField)
