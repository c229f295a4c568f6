"""Correction of the first and last frame of an event, with its tube; both can be restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import fiftyone as fo

from ..dataset.labels import Span
from ..dataset.mending import mend
from ..dataset.records import add_correction
from ..dataset.schema import Fields
from ..request import GroundingError
from .events import check_current, find_event, new_support, write_event
from .grounded import readable_grounding, stored_sample
from .originals import Original
from .tubes import DetectionsByFrame, ExtendedTube, SentenceTube, extended_tube


@dataclass(frozen=True)
class Correction:
    """The changes of a correction. Frames are 1-based, spans inclusive.

    Attributes:
        sample_id: the sample.
        filepath: the video.
        query: the sentence.
        support: first and last frame of the event after the correction.
        before: first and last frame before the correction.
        original: first and last frame of the original grounding.
        added: number of frames that gained a box.
        removed: number of frames that lost their box.
        changed: number of frames that have another box.
        repeated: number of `added` frames whose box only repeats that of an adjacent frame.
        remarks: what is to be checked or done, as sentences.
    """

    sample_id: str
    filepath: str
    query: str
    support: Span
    before: Span
    original: Span
    added: int
    removed: int
    changed: int = 0
    repeated: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The outcome in sentences."""
        now, before = ("frames {} to {}".format(*span) for span in (self.support, self.before))
        if now != before:
            text = f"'{self.query}' is now at {now} (previously {before}). "
        else:
            text = f"'{self.query}' has another tube at {now}: {self.changed} boxes changed. "
        text += f"{self.added} frames gained a box, {self.removed} lost one."
        if self.repeated:
            text += f" {self.repeated} of the new boxes only repeat the adjacent box: check them."
        return " ".join([text, *self.remarks])


def correct_event(
    sample: fo.Sample,
    query: str,
    first: int | None = None,
    last: int | None = None,
    field: str = "e3m",
) -> Correction:
    """Sets the first and last frame of an event, and adapts its tube.

    Frames outside the event lose their box. New frames take the box of the original tube where it
    has one, unless the tube is of another object by now. Otherwise, going outward from the tube
    frame by frame, they take the overlapping candidate box of the grounding (`source` "detected"),
    or repeat the last box ("interpolated"); see `review.extending`. Their `confidence` is the
    relevance of the frame. Beyond a cut, frames get no box; `regrounding.find_object` looks for the
    object there.

    The event is marked `corrected` and keeps its original frames as `original_support`. Its
    original tube is kept in ``frames.<field>_original``; `restore_event` restores both. The
    correction is appended to the `corrections` of the latest run record of the field.

    Args:
        sample: a grounded video.
        query: the sentence.
        first: first frame, 1-based; None keeps it.
        last: last frame, inclusive; None keeps it.
        field: name of the tube field.

    Returns:
        What was changed.

    Raises:
        GroundingError: the sentence has no event, the frames are outside the video or in the wrong
            order, or nothing would change; nothing was written.
    """
    sample = stored_sample(sample)
    fields = readable_grounding(sample.dataset, field)
    event = find_event(sample, query, field)
    before: Span = tuple(event.support)
    support = new_support(sample, event, first, last, field)
    return _adapted(sample, fields, event, support, before)


def follow_event(sample: fo.Sample, query: str, before: Span, field: str) -> Correction:
    """Adapts the tube of an event that was moved already, see `correct_event`.

    Args:
        sample: a grounded video.
        query: the sentence.
        before: first and last frame before the event was moved.
        field: name of the tube field.

    Raises:
        GroundingError: the event lies outside the video; nothing was written.
    """
    sample = stored_sample(sample)
    fields = readable_grounding(sample.dataset, field)
    event = find_event(sample, query, field)
    first, last = event.support
    support = new_support(sample, event, first, last, field)
    return _adapted(sample, fields, event, support, before)


def _adapted(
    sample: fo.Sample, fields: Fields, event: fo.TemporalDetection, support: Span, before: Span
) -> Correction:
    """Gives an event its new first and last frame, and its tube the boxes that belong to it."""
    query = event.label
    tube = SentenceTube(sample, fields.tube, query)
    kept = Original(sample, fields, event)
    longer = extended_tube(sample, fields, query, support, tube.boxes, kept.boxes)
    if support == before and longer.boxes.keys() == tube.boxes.keys():
        raise GroundingError(
            f"'{query}' is already at frames {before[0]} to {before[1]}. Give another frame."
        )
    done = apply_correction(sample, fields, event, support, longer.boxes)
    remarks = tuple(_remarks(longer))
    return replace(done, before=before, repeated=longer.repeated, remarks=remarks)


def apply_correction(
    sample: fo.Sample,
    fields: Fields,
    event: fo.TemporalDetection,
    support: Span,
    boxes: DetectionsByFrame,
) -> Correction:
    """Gives a sentence another event and tube, and keeps what the run wrote.

    Args:
        sample: the dataset's own sample.
        fields: fields of the grounding.
        event: the event of the sentence as it was read.
        support: its new first and last frame.
        boxes: its new tube.

    Raises:
        GroundingError: the event was changed since it was read, or the field for the original tube
            holds something else; nothing was written.
    """
    check_current(sample, event, fields.tube)
    query: str = event.label
    before: Span = tuple(event.support)
    tube, kept = SentenceTube(sample, fields.tube, query), Original(sample, fields, event)
    kept.keep(tube.boxes)
    event.support = list(support)
    changed = tube.write(boxes)
    original = kept.support or before
    write_event(sample, event, fields.tube)
    _record(sample, fields.tube, query, support, original)
    sample.reload()  # FiftyOne does not refresh in-memory frames whose value became None
    return Correction(sample.id, sample.filepath, query, support, before, original, *changed)


def _remarks(tube: ExtendedTube) -> Iterator[str]:
    if tube.beyond:
        yield (
            f"{tube.beyond} frames lie beyond a cut and have no box: use 'Find the object in this "
            "span', or draw them."
        )
    if tube.unseen:
        yield "The video could not be read, so nobody looked for cuts."


def restore_event(sample: fo.Sample, query: str, field: str = "e3m") -> Correction:
    """Restores the event and the tube as they were before the first correction.

    Args:
        sample: a grounded video.
        query: the sentence.
        field: name of the tube field.

    Returns:
        What was changed.

    Raises:
        GroundingError: the sentence has no event, or the event was not corrected.
    """
    sample = stored_sample(sample)
    fields = readable_grounding(sample.dataset, field)
    event = find_event(sample, query, field)
    kept = Original(sample, fields, event)
    before, original = tuple(event.support), kept.support
    if original is None:
        raise GroundingError(
            f"'{query}' in {sample.filepath} was not corrected; there is nothing to restore."
        )
    mend(sample.dataset)
    tube = SentenceTube(sample, fields.tube, query)
    event.support = list(original)
    kept.unmark()
    changed = tube.write(kept.boxes)
    write_event(sample, event, field)
    kept.drop()
    _record(sample, field, query, original, original)
    sample.reload()
    return Correction(sample.id, sample.filepath, query, original, before, original, *changed)


def _record(sample: fo.Sample, field: str, query: str, support: Span, original: Span) -> None:
    """Appends a correction to the latest run record of the field."""
    correction = {
        "sample_id": sample.id,
        "query": query,
        "support": list(support),
        "original_support": list(original),
        "corrected_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    add_correction(sample.dataset, field, correction)
