"""Copying reviewed tubes to ground truth, without overwriting existing labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..dataset.labels import sentence_of
from ..dataset.schema import REVIEW, Fields
from ..dataset.states import event_state
from ..dataset.stored import changing_schema
from ..request import GroundingError, check_flag, check_texts, sentences
from .ground_truth import check_target, declare_target, vouched_event, vouched_for, without
from .grounded import check_whole, event_labels, frame_labels, of_sentence, readable_grounding


@dataclass(frozen=True)
class TubeReport:
    """The outcome for one sentence of a video.

    Attributes:
        sample_id: the sample.
        filepath: the video.
        query: the sentence; None if the video has no sentence to accept.
        n_boxes: number of copied boxes; 0 if the tube was not accepted.
        reason: why the tube was not accepted, as a sentence; empty if it was.
    """

    sample_id: str
    filepath: str
    query: str | None
    n_boxes: int = 0
    reason: str = ""


@dataclass(frozen=True)
class AcceptReport:
    """The result of `accept_tubes`.

    Attributes:
        field: tube field of the grounding.
        into: the ground-truth field.
        tubes: one report per sentence of each video.
    """

    field: str
    into: str
    tubes: tuple[TubeReport, ...]

    @property
    def accepted(self) -> list[TubeReport]:
        """Reports of the accepted tubes."""
        return [tube for tube in self.tubes if not tube.reason]

    @property
    def left(self) -> list[TubeReport]:
        """Reports of the tubes that were not accepted."""
        return [tube for tube in self.tubes if tube.reason]

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        videos = {tube.sample_id for tube in self.accepted}
        text = f"{len(self.accepted)} tubes of {len(videos)} videos accepted into '{self.into}'"
        return text + (f"; {len(self.left)} not accepted." if self.left else ".")

    def __str__(self) -> str:
        rows = (f"{t.filepath}: {t.query + ': ' if t.query else ''}{t.reason}" for t in self.left)
        return "\n".join([self.headline, *rows])


def accept_tubes(
    samples: SampleCollection,
    field: str = "e3m",
    into: str = "accepted",
    queries: str | Sequence[str] | None = None,
    overwrite: bool = False,
) -> AcceptReport:
    """Copies reviewed tubes and events to a ground-truth field.

    Boxes go to ``frames.<into>``, events to ``<into>_events``, with the sentence as label. Boxes
    keep mask, class, `index` and `keyframe`. `confidence` and `source` are dropped, because a
    reviewer vouches for the boxes. Each tube gets a new `instance`, so that edits of the ground
    truth do not change the prediction or the track that it follows. A sentence that is already in
    the ground truth of a video stays unchanged without `overwrite`, and so do the labels of other
    sentences and objects. The events of the grounding are marked as accepted.

    Args:
        samples: a video dataset or a view of one. A view selects videos; its label filters are
            ignored.
        field: name of the tube field.
        into: name of the ground-truth field.
        queries: the sentences to accept; None accepts all sentences of each video that were not
            rejected.
        overwrite: replace a sentence that the ground truth has, for example after a correction.

    Returns:
        The outcome for each sentence of each video.

    Raises:
        GroundingError: `field` holds no grounding, `into` cannot hold the ground truth, or none of
            the videos has a sentence of `queries`; nothing was written.
    """
    check_acceptance(samples, field, into, queries)
    check_flag("overwrite", overwrite)
    dataset = samples._dataset
    asked = None if queries is None else sentences(queries)
    videos = dataset.select(samples.values("id"), ordered=True).values(["id", "filepath"])
    tubes: list[TubeReport] = []
    for sample_id, path in zip(*videos, strict=True):
        fields = Fields(field), Fields(into)
        tubes += _accept_video(dataset, *fields, sample_id, path, asked, overwrite)
    return AcceptReport(field, into, tuple(tubes))


def check_acceptance(
    samples: SampleCollection, field: str, into: str, queries: str | Sequence[str] | None
) -> None:
    """Raises the `GroundingError` that `accept_tubes` would raise."""
    check_whole(samples)
    dataset = samples._dataset
    fields = readable_grounding(dataset, field)
    check_target(dataset, into)
    if queries is None:
        return
    check_texts("queries", queries)
    grounded = dataset.select(samples.values("id")).distinct(f"{fields.events}.detections.label")
    unknown = [query for query in sentences(queries) if query not in grounded]
    if unknown or not sentences(queries):
        what = f"has the sentence '{unknown[0]}'" if unknown else "has an empty sentence"
        raise GroundingError(f"None of these videos {what}. Sentences: {', '.join(grounded)}.")


def _accept_video(
    dataset: fo.Dataset,
    fields: Fields,
    target: Fields,
    sample_id: str,
    path: str,
    asked: list[str] | None,
    overwrite: bool,
) -> list[TubeReport]:
    tube = frame_labels(dataset, fields.tube, sample_id)
    events = event_labels(dataset, fields.events, sample_id)
    truth = frame_labels(dataset, target.tube, sample_id)
    true_events = event_labels(dataset, target.events, sample_id)
    taken = {sentence_of(box) for at in truth.values() for box in at.detections}
    taken |= {event.label for event in true_events.detections}
    offered = [e for e in events.detections if asked is None or e.label in asked]
    if not offered:
        none = f"The video has no event in '{fields.events}'."
        reason = "The video has none of these sentences." if events.detections else none
        return [TubeReport(sample_id, path, None, reason=reason)]
    changed: dict[int, fo.Detections] = {}
    reports = []
    for query in dict.fromkeys(event.label for event in offered):
        boxes, mine = of_sentence(tube, query), [e for e in offered if e.label == query]
        if not boxes:
            reason = "The tube has no box."
        elif query in taken and not overwrite:
            reason = f"'{target.tube}' already has this sentence; it was not changed."
        elif asked is None and all(event_state(event) == "rejected" for event in mine):
            reason = "It was rejected."
        else:
            reason = ""
        if reason:
            reports.append(TubeReport(sample_id, path, query, reason=reason))
            continue
        if query in taken:
            changed |= without(truth, true_events, query)
        instance = fo.Instance()
        for number, detections in boxes.items():
            labels = changed.setdefault(number, truth.get(number) or fo.Detections())
            labels.detections += [vouched_for(box, instance) for box in detections]
        true_events.detections += [vouched_event(event) for event in mine]
        for event in mine:
            event[REVIEW] = "accepted"
        n_boxes = sum(map(len, boxes.values()))
        reports.append(TubeReport(sample_id, path, query, n_boxes))
    if changed:
        declare_target(dataset, target)
        with changing_schema(dataset):
            fields.declare_review(dataset)
        dataset.set_values(f"frames.{target.tube}", {sample_id: changed}, key_field="id")
        dataset.set_values(target.events, {sample_id: true_events}, key_field="id")
        dataset.set_values(fields.events, {sample_id: events}, key_field="id")
    return reports
