"""The event of one sentence in one video: lookup, checks and writing."""

from __future__ import annotations

import fiftyone as fo

from ..dataset.labels import Span
from ..dataset.schema import Fields
from ..dataset.states import event_state
from ..request import GroundingError, check_integer, check_text
from .grounded import event_labels


def find_event(sample: fo.Sample, query: str, field: str) -> fo.TemporalDetection:
    """Looks up the event of a sentence.

    Raises:
        GroundingError: the sentence has no event.
    """
    check_text("query", query)
    events = event_labels(sample.dataset, Fields(field).events, sample.id).detections
    for event in events:
        if event.label == query:
            return event
    available = ", ".join(f"'{event.label}'" for event in events) or "none"
    raise GroundingError(f"{sample.filepath} has no event for '{query}'. Sentences: {available}.")


def frame_count(sample: fo.Sample, field: str) -> int:
    """Number of frames of a video, from its metadata, or else of frames with a relevance."""
    if sample.metadata is not None and sample.metadata.total_frame_count:
        return int(sample.metadata.total_frame_count)
    return int(sample.dataset.select(sample.id).count(f"frames.{Fields(field).relevance}"))


def new_support(
    sample: fo.Sample, event: fo.TemporalDetection, first: int | None, last: int | None, field: str
) -> Span:
    """First and last frame of an event after a correction.

    Raises:
        GroundingError: no frame is given, or the frames are outside the video or out of order.
    """
    if first is None and last is None:
        raise GroundingError(f"Give the first frame of '{event.label}', the last, or both.")
    for name, number in (("first", first), ("last", last)):
        if number is not None:
            check_integer(name, number)
    start, end = event.support
    start, end = start if first is None else int(first), end if last is None else int(last)
    count = frame_count(sample, field)
    for number in (start, end):
        if not 1 <= number <= count:
            raise GroundingError(
                f"Frame {number} is not in {sample.filepath}, which has frames 1 to {count}."
            )
    if start > end:
        raise GroundingError(f"The first frame, {start}, comes after the last, {end}.")
    return start, end


def check_current(sample: fo.Sample, event: fo.TemporalDetection, field: str) -> None:
    """Checks that nobody has changed an event since it was read: neither a person nor a run.

    Raises:
        GroundingError: it is gone, at other frames, or in another state of the review.
    """
    stored = event_labels(sample.dataset, Fields(field).events, sample.id).detections
    now = next((e for e in stored if e.id == event.id), None)
    if now is None:
        what = "was deleted or grounded again"
    elif list(now.support) != list(event.support):
        what = "was moved to frames {} to {}".format(*now.support)
    elif event_state(now) != event_state(event):
        what = f"has become '{event_state(now)}'"
    else:
        return
    raise GroundingError(
        f"The event of '{event.label}' in {sample.filepath} {what} since the correction began. "
        "Nothing was written; correct it again if it still has to be."
    )


def write_event(sample: fo.Sample, event: fo.TemporalDetection, field: str) -> None:
    """Writes a changed event; the events of other sentences stay."""
    path = Fields(field).events
    events = event_labels(sample.dataset, path, sample.id)
    events.detections = [event if e.id == event.id else e for e in events.detections]
    sample.dataset.set_values(path, {sample.id: events}, key_field="id")
