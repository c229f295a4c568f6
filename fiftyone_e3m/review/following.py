"""Tubes that follow events which a person moved in FiftyOne's own tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..dataset.labels import Span
from ..dataset.runs import corrected_supports
from ..dataset.schema import Fields
from ..request import GroundingError
from .correcting import Correction, follow_event
from .grounded import check_whole, event_labels, frame_labels, of_sentence, readable_grounding
from .originals import grounded_support, original_support
from .tubes import span_of


@dataclass(frozen=True)
class FollowReport:
    """What `follow_events` did.

    Attributes:
        corrections: one per event that had been moved.
        left: why the tubes of other events that had been moved were not adapted, as sentences.
    """

    corrections: tuple[Correction, ...]
    left: tuple[str, ...]

    @property
    def repeated(self) -> int:
        """Number of new boxes that only repeat the adjacent one."""
        return sum(correction.repeated for correction in self.corrections)

    @property
    def headline(self) -> str:
        """The outcome in sentences."""
        if not self.corrections and not self.left:
            return "No event was moved since its tube was made."
        added, removed = (
            sum(getattr(correction, name) for correction in self.corrections)
            for name in ("added", "removed")
        )
        videos = {correction.sample_id for correction in self.corrections}
        text = (
            f"{len(self.corrections)} tubes of {len(videos)} videos follow their event. "
            f"{added} frames gained a box, {removed} lost one."
        )
        if self.repeated:
            text += f" {self.repeated} of the new boxes only repeat the adjacent box: check them."
        return text

    def __str__(self) -> str:
        return "\n".join([self.headline, *self.left])


def follow_events(samples: SampleCollection, field: str = "e3m") -> FollowReport:
    """Adapts the tubes of events that a person moved, in the Annotate tab or in Python.

    An event was moved if its first and last frame are no longer those that it was grounded with, or
    that the last correction gave it. Each is treated as by `correct_event`: it is marked
    `corrected`, even if no box changes, and its original can be restored. Tubes of other
    events stay as they are, even where a person edited their boxes.

    Args:
        samples: a video dataset or a view of one, which selects videos.
        field: name of the tube field.

    Returns:
        What was changed. One event that cannot be followed never stops the others.

    Raises:
        GroundingError: `field` holds no grounding; nothing was written.
    """
    check_whole(samples)
    dataset = samples._dataset
    fields = readable_grounding(dataset, field)
    given = corrected_supports(dataset, field)
    corrections, left = [], []
    for sample_id in samples.values("id"):
        for query, before in _moved(dataset, fields, sample_id, given):
            sample = dataset[sample_id]
            try:
                corrections.append(follow_event(sample, query, before, field))
            except GroundingError as error:
                left.append(f"'{query}' in {sample.filepath} is not followed: {error}")
    return FollowReport(tuple(corrections), tuple(left))


def _moved(
    dataset: fo.Dataset, fields: Fields, sample_id: str, given: dict[tuple[str, str], Span]
) -> Iterator[tuple[str, Span]]:
    """The sentences of a video whose event a person moved, and where it was before.

    `given` are the supports of corrected events. Where an earlier version wrote no support to
    compare with, the tube tells where the event was.
    """
    events = event_labels(dataset, fields.events, sample_id).detections
    for event in {event.label: event for event in reversed(events)}.values():
        corrected = original_support(event) is not None
        before = given.get((sample_id, event.label)) if corrected else grounded_support(event)
        if before is None:
            labels = frame_labels(dataset, fields.tube, sample_id)
            before = span_of(of_sentence(labels, event.label))
        if before and before != tuple(event.support):
            yield event.label, before
