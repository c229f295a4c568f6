"""What a run wrote for a sentence, kept from its first correction on: event and tube."""

from __future__ import annotations

import fiftyone as fo

from ..dataset.labels import Span
from ..dataset.mending import mend
from ..dataset.runs import grounding_fields
from ..dataset.schema import CORRECTED, ORIGINAL_SUPPORT, REVIEW, Fields
from ..dataset.stored import changing_schema
from ..request import GroundingError
from .marking import DetectionsByFrame
from .tubes import SentenceTube, copies, span_of


class Original:
    """The original event and tube of one sentence in one video.

    Args:
        sample: the video.
        fields: fields of the grounding.
        event: the event of the sentence. `keep` and `drop` change its attributes; writing it is
            left to the caller.
    """

    def __init__(self, sample: fo.Sample, fields: Fields, event: fo.TemporalDetection) -> None:
        self._dataset, self._fields, self._event = sample.dataset, fields, event
        self._tube = SentenceTube(sample, fields.original, event.label)

    @property
    def support(self) -> Span | None:
        """First and last frame as grounded; None if the event was not corrected."""
        return original_support(self._event)

    @property
    def boxes(self) -> DetectionsByFrame:
        """The tube as grounded; empty if it was not corrected."""
        return self._tube.boxes

    def keep(self, boxes: DetectionsByFrame) -> None:
        """Keeps the event and its tube, unless they were kept before, and marks the correction.

        Args:
            boxes: the tube before the correction.

        Raises:
            GroundingError: the field for the tube holds something else; nothing was written.
        """
        _declare(self._dataset, self._fields)
        if self.support is None:
            if grounded_support(self._event) is None:  # grounded by an earlier version
                self._event[ORIGINAL_SUPPORT] = list(span_of(boxes) or self._event.support)
            if not self.boxes:  # otherwise an interrupted correction has kept them
                self._tube.write(copies(boxes))
        self._event[CORRECTED], self._event[REVIEW] = True, "corrected"

    def unmark(self) -> None:
        """Takes the marks of a correction from the event."""
        for name in (CORRECTED, REVIEW):
            self._event.clear_field(name)

    def drop(self) -> None:
        """Deletes the kept tube."""
        self._tube.write({})


def original_support(event: fo.TemporalDetection) -> Span | None:
    """First and last frame of a corrected event as originally grounded, else None."""
    return grounded_support(event) if event.get_attribute_value(CORRECTED, None) else None


def grounded_support(event: fo.TemporalDetection) -> Span | None:
    """First and last frame as grounded; None if an earlier version did so, or a person drew it."""
    support = event.get_attribute_value(ORIGINAL_SUPPORT, None)
    return (support[0], support[1]) if support else None


def _declare(dataset: fo.Dataset, fields: Fields) -> None:
    """Adds the fields of a correction to the schema, so that the App shows them."""
    path = f"frames.{fields.original}"
    if path in fields.mistyped(dataset) or fields.original in grounding_fields(dataset):
        raise GroundingError(
            f"The original tube would be kept in '{path}', which holds something else. Rename "
            "that field."
        )
    mend(dataset)
    with changing_schema(dataset):
        fields.declare_originals(dataset)
