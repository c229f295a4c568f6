"""The timeline of one sentence in one video: relevance curve, event, and their origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import fiftyone as fo
import numpy as np
from numpy.typing import NDArray

from ..dataset.labels import SENTENCE, RelativeBox, Span, relative_boxes
from ..dataset.naming import whole_sentences
from ..dataset.schema import (
    CORRECTED,
    EVENT_ATTRIBUTES,
    INDEX,
    ORIGINAL_SUPPORT,
    REVIEW,
    Fields,
)
from ..dataset.states import State, state_of
from ..results import Answer
from ..video import Video


@dataclass(frozen=True, eq=False)
class Timeline:
    """One sentence in one video. Frames are 1-based, spans are inclusive.

    Attributes:
        query: the sentence.
        event: first and last frame of the event.
        confidence: confidence of the event, 0..1.
        frames: (N,) frames with a relevance, ascending.
        relevance: (N,) relevance of these frames to the sentence, 0..1.
        frame_rate: frames per second.
        boxes: boxes of the tube by frame, ``[x, y, w, h]`` relative to the frame.
        atomic_starts: first frame of every atomic event.
        prototypes: frame and weight (0..1) of every prototype.
        original: the original event, if it was corrected.
        index: number of the sentence among those of its video, from 1.
        state: what a person said of the answer.
    """

    query: str
    event: Span
    confidence: float
    frames: NDArray[np.int64]
    relevance: NDArray[np.floating]
    frame_rate: float
    boxes: Mapping[int, RelativeBox]
    atomic_starts: tuple[int, ...] = ()
    prototypes: tuple[tuple[int, float], ...] = ()
    original: Span | None = None
    index: int = 1
    state: State = "to review"

    def relevance_at(self, frame: int) -> float | None:
        """Relevance of a frame, or None if it has none."""
        rows = np.flatnonzero(self.frames == frame)
        return float(self.relevance[rows[0]]) if len(rows) else None

    def frame_at(self, seconds: float) -> int:
        """The frame nearest to a time, limited to the first and last frame."""
        frame = round(seconds * self.frame_rate) + 1
        return int(np.clip(frame, self.frames[0], self.frames[-1])) if len(self.frames) else 1

    def seconds(self, frame: float) -> float:
        """Start time of a frame, in seconds."""
        return (frame - 1) / self.frame_rate

    def ends(self, span: Span) -> tuple[float, float]:
        """Start and end time of a span, in seconds."""
        return self.seconds(span[0]), self.seconds(span[1] + 1)


def read_timelines(dataset: fo.Dataset, sample_id: str, field: str) -> list[Timeline]:
    """Reads the timelines of a sample, one per sentence; empty if it was not grounded.

    Args:
        dataset: the dataset.
        sample_id: the video.
        field: name of the tube field.
    """
    fields = Fields(field)
    event, label = f"{fields.events}.detections.", f"frames.{field}.detections."
    paths = {name: event + name for name in ("label", "support", "confidence")}
    optional = (*EVENT_ATTRIBUTES, INDEX, REVIEW, CORRECTED)
    paths |= {name: event + name for name in optional if dataset.has_field(event + name)}
    paths |= {
        "rate": "metadata.frame_rate",
        "number": "frames.frame_number",
        "relevance": f"frames.{fields.relevance}",
        "tube": label + "label",
        "box": label + "bounding_box",
    }
    if dataset.has_field(label + SENTENCE):
        paths["sentence"] = label + SENTENCE
    if dataset.has_frame_field(fields.queries):
        relevance = f"frames.{fields.queries}.classifications."
        paths |= {"asked": relevance + "label", "fit": relevance + "confidence"}
    columns = dataset.select(sample_id).values(list(paths.values()))
    read = {name: column[0] for name, column in zip(paths, columns, strict=True)}
    return [_timeline(read, i) for i in range(len(read["label"] or []))]


def timeline_of(answer: Answer, index: int, video: Video) -> Timeline:
    """The timeline of an answer that has not been written to a dataset."""
    tube = answer.tube
    boxes = relative_boxes(tube.xyxy, video).tolist()
    weights = [prototype.weight for prototype in answer.grounding.prototypes]
    return Timeline(
        query=answer.query,
        event=(tube.first + 1, tube.last + 1),
        confidence=answer.confidence,
        frames=np.arange(1, len(tube.relevance) + 1),
        relevance=tube.relevance,
        frame_rate=video.frame_rate,
        boxes=dict(zip((tube.frames + 1).tolist(), boxes, strict=True)),
        atomic_starts=tuple((tube.atomic[:, 0] + 1).tolist()),
        prototypes=tuple(zip((tube.prototypes + 1).tolist(), weights, strict=True)),
        index=index,
    )


def _timeline(read: Mapping[str, Any], i: int) -> Timeline:
    """The timeline of event number `i` from the columns of a sample."""

    def of_event(name: str) -> Any:
        return (read.get(name) or {i: None})[i]

    query = of_event("label")
    curve = {n: r for n, r in _relevance(read, query) if r is not None}
    original = of_event(ORIGINAL_SUPPORT) if of_event(CORRECTED) else None
    starts, frames = of_event("atomic_starts") or [], of_event("prototype_frames") or []
    first, last = of_event("support")
    return Timeline(
        query=query,
        event=(first, last),
        confidence=of_event("confidence") or 0.0,
        frames=np.array(sorted(curve), np.int64),
        relevance=np.array([curve[n] for n in sorted(curve)], float),
        frame_rate=read["rate"] or 1.0,
        boxes=dict(_boxes(read, query)),
        atomic_starts=tuple(starts),
        prototypes=tuple(zip(frames, of_event("prototype_weights") or [], strict=True)),
        original=tuple(original) if original else None,
        state=state_of(of_event(REVIEW), of_event(CORRECTED)),
        index=of_event(INDEX) or i + 1,
    )


def _relevance(read: Mapping[str, Any], query: str) -> list[tuple[int, float | None]]:
    """Relevance of each frame to a sentence; the frame's own if the video has one sentence."""
    none = [None] * len(read["number"])
    rows = zip(read["number"], read.get("asked", none), read.get("fit", none), strict=True)
    own = [
        (number, value)
        for number, asked, fit in rows
        for label, value in zip(asked or [], fit or [], strict=True)
        if label == query
    ]
    return own or list(zip(read["number"], read["relevance"], strict=True))


def _boxes(read: Mapping[str, Any], query: str) -> list[tuple[int, RelativeBox]]:
    """The tube of a sentence."""
    long = read.get("sentence") or read["tube"]
    names = [
        list(zip(labels or [], sentences or [], strict=True))
        for labels, sentences in zip(read["tube"], long, strict=True)
    ]
    rows = zip(read["number"], whole_sentences(names), read["box"], strict=True)
    return [
        (number, box)
        for number, sentences, boxes in rows
        for sentence, box in zip(sentences, boxes or [], strict=True)
        if sentence == query
    ]
