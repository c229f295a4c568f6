"""When events happen, as a field of the dataset has it: marked by people, or found by a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fiftyone as fo

from ..e3m import Span, Window
from ..request import Request
from .reading import labels_of


@dataclass(frozen=True)
class Marks:
    """The events of one video in a field of `TemporalDetections`.

    Attributes:
        field: the field.
        exact: whether they are the exact events of their sentences, or a prior.
        events: label and support of each event, as stored: None, reversed or NaN are possible.
    """

    field: str
    exact: bool
    events: tuple[tuple[str | None, Any], ...] = ()

    def windows(
        self, sentences: Sequence[str], frame_count: int
    ) -> tuple[list[Window | None], list[str]]:
        """The windows of sentences: the events with their label, surrounding whitespace aside.

        Args:
            sentences: the sentences, without surrounding whitespace.
            frame_count: number of frames of the video.

        Returns:
            A window per sentence, None without a valid event; and what is missing, ignored or cut,
            as sentences.

        Example:
            >>> marks = Marks("gt_events", True, (("a man ", [3, 7]), ("a dog", [9, 2])))
            >>> windows, notes = marks.windows(["a man", "a dog"], frame_count=20)
            >>> windows
            [Window(spans=((2, 6),), exact=True, sighting=None), None]
            >>> for note in notes:
            ...     print(note)
            Ignored in 'gt_events', as they have no label or are not within frames 1 to 20: 1.
            'gt_events' has no event of 'a dog', so its time was found in the video.
        """
        spans: dict[str, list[Span]] = {sentence: [] for sentence in sentences}
        ignored = cut = 0
        for label, support in self.events:
            sentence, frames = (label or "").strip(), valid_support(support)
            if sentence and sentence not in spans:
                continue
            if not sentence or frames is None or frames[0] > frame_count:
                ignored += 1
                continue
            first, last = frames
            cut += last > frame_count
            spans[sentence].append((first - 1, min(last, frame_count) - 1))
        notes, missing = [], [f"'{sentence}'" for sentence in spans if not spans[sentence]]
        if ignored:
            notes.append(
                f"Ignored in '{self.field}', as they have no label or are not within frames 1 to "
                f"{frame_count}: {ignored}."
            )
        if cut:
            notes.append(f"Cut in '{self.field}' at the video's last frame, {frame_count}: {cut}.")
        if missing:
            notes.append(
                f"'{self.field}' has no event of {', '.join(missing)}, so "
                f"{'its' if len(missing) == 1 else 'their'} time was found in the video."
            )
        found = (tuple(sorted(spans[sentence])) for sentence in sentences)
        return [Window(each, self.exact) if each else None for each in found], notes


def read_marks(
    samples: fo.core.collections.SampleCollection, ids: Sequence[str], request: Request
) -> dict[str, Marks]:
    """The marks of samples, by id; empty if the request has no events field.

    Args:
        samples: dataset or view; the label filters of a view apply.
        ids: the samples.
        request: names the field and its role.
    """
    field = request.events_field
    if field is None:
        return {}
    view = labels_of(samples, ids, field)
    columns = view.values(["id", f"{field}.detections.label", f"{field}.detections.support"])
    exact = request.events_role == "window"
    marks = dict.fromkeys(ids, Marks(field, exact))  # a filter may drop samples without events
    for sample_id, labels, supports in zip(*columns, strict=True):
        events = tuple(zip(labels or [], supports or [], strict=True))
        marks[sample_id] = Marks(field, exact, events)
    return marks


def valid_support(support: Any) -> tuple[int, int] | None:
    """First and last frame of a stored support, 1-based; None if these are not frames in order.

    Example:
        >>> valid_support([3, 7]), valid_support([9, 2]), valid_support(None)
        ((3, 7), None, None)
    """
    try:
        first, last = (float(end) for end in support)
    except (TypeError, ValueError):
        return None
    if not (math.isfinite(first) and math.isfinite(last) and 1 <= first <= last):
        return None
    return int(first), int(last)
