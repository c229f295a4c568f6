"""What came of each sentence: how good its tube is, and what was said about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes, iou_matrix
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Tube
from fiftyone_e3m.evaluation.metrics import TimedBoxes, tiou, viou
from fiftyone_e3m.results import Answer
from fiftyone_e3m.sentences import prompt

from .baselines import ceiling, naive, surest
from .confidence import absent_sentences
from .scenes import MemoEncoder, Prepared
from .shared_data import Query

NO_LINK = 0.3
"""IoU of consecutive picks of different tracks below which a tube has jumped (SORT's gate)."""


@dataclass(frozen=True)
class Outcome:
    """One sentence in one video.

    Attributes:
        set: name of the set.
        video: name of the video.
        source: the clip or film that shows the event.
        sentence: the sentence.
        tags: see `shared_data.Query`.
        present: whether the video shows what the sentence says.
        confidence: of the answer, 0..1; NaN for ways that have none.
        tiou: overlap in time with the truth; 0 for an absent sentence.
        viou: overlap of the tubes; 0 for an absent sentence.
        length: length of the answer as a share of the video.
        true_length: length of the event as a share of the video; NaN for an absent sentence.
        jumps: times that the tube jumps to another object within a shot.
    """

    set: str
    video: str
    source: str
    sentence: str
    tags: tuple[str, ...]
    present: bool
    confidence: float
    tiou: float
    viou: float
    length: float
    true_length: float
    jumps: int = 0


Way = Callable[[Prepared], Sequence[TimedBoxes]]
"""A baseline: one tube per sentence of a video."""


def ours(
    name: str, prepared: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig
) -> list[Outcome]:
    """E3M's answers to all sentences of a set; every video is also asked absent ones."""
    outcomes = []
    for p in prepared:
        asked: list[Query | str] = [*p.item.queries, *absent_of(p, prepared)]
        sentences = [query if isinstance(query, str) else query.sentence for query in asked]
        answers = p.answers(sentences, encoder, config)
        outcomes += [judge(name, p, q, answer) for q, answer in zip(asked, answers, strict=True)]
    return outcomes


def absent_of(p: Prepared, prepared: Sequence[Prepared]) -> Sequence[str]:
    """Sentences that a video of a set does not show: written for it, or else of other videos."""
    return p.item.absent or absent_sentences(p.item, [other.item for other in prepared])


def judge(name: str, p: Prepared, asked: Query | str, answer: Answer) -> Outcome:
    """What came of a query, or of an absent sentence."""
    if isinstance(asked, str):
        return _absent(name, p, asked, answer)
    return _outcome(name, p, asked, timed(answer.tube), answer.confidence, count_jumps(answer))


def per_frame(
    name: str, prepared: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig
) -> list[Outcome]:
    """Per-frame CLIP, see `baselines.naive`."""

    def way(p: Prepared) -> list[TimedBoxes]:
        texts = encoder.reader.read([prompt(query.sentence, config) for query in p.item.queries])
        return naive(p.survey.video, p.survey.sampled, p.boxes(config), texts, encoder)

    return _baseline(name, prepared, way)


def surest_box(name: str, prepared: Sequence[Prepared], config: E3MConfig) -> list[Outcome]:
    """The whole video and the detector's surest box of each frame, whatever the sentence."""

    def way(p: Prepared) -> list[TimedBoxes]:
        tube = surest(p.survey.video, p.survey.sampled, p.boxes(config))
        return [tube] * len(p.item.queries)

    return _baseline(name, prepared, way)


def best_possible(name: str, prepared: Sequence[Prepared], config: E3MConfig) -> list[Outcome]:
    """The best tubes that any choice among the boxes can reach."""

    def way(p: Prepared) -> list[TimedBoxes]:
        boxes: list[Boxes] = p.boxes(config)
        return [
            ceiling(p.survey.video, p.survey.sampled, boxes, query.truth)
            for query in p.item.queries
        ]

    return _baseline(name, prepared, way)


def timed(tube: Tube) -> TimedBoxes:
    """A tube as input to the metrics."""
    return TimedBoxes(
        tube.first, tube.last, dict(zip(tube.frames.tolist(), tube.xyxy, strict=True))
    )


def count_jumps(answer: Answer) -> int:
    """How often the picks of an event change to a track that no tracker would continue with."""
    grounding, tracks = answer.grounding, answer.tracks
    event = np.arange(grounding.first, grounding.last + 1)
    where = event[grounding.picks[event] >= 0]
    track = grounding.picks[where]
    box: NDArray[np.floating] = tracks.box[track, where]
    return sum(
        bool(iou_matrix(box[i : i + 1], box[i + 1 : i + 2])[0, 0] < NO_LINK)
        for i in np.flatnonzero(np.diff(track))
    )


def _baseline(name: str, prepared: Sequence[Prepared], way: Way) -> list[Outcome]:
    return [
        _outcome(name, p, query, tube)
        for p in prepared
        for query, tube in zip(p.item.queries, way(p), strict=True)
    ]


def _outcome(
    name: str,
    p: Prepared,
    query: Query,
    tube: TimedBoxes,
    confidence: float = float("nan"),
    jumps: int = 0,
) -> Outcome:
    truth = query.truth
    return Outcome(
        set=name,
        video=p.item.name,
        source=query.source,
        sentence=query.sentence,
        tags=query.tags,
        present=True,
        confidence=confidence,
        tiou=tiou(tube, truth),
        viou=viou(tube, truth),
        length=_share(tube, p),
        true_length=_share(truth, p),
        jumps=jumps,
    )


def _absent(name: str, p: Prepared, sentence: str, answer: Answer) -> Outcome:
    return Outcome(
        set=name,
        video=p.item.name,
        source=p.item.name,
        sentence=sentence,
        tags=(),
        present=False,
        confidence=answer.confidence,
        tiou=0.0,
        viou=0.0,
        length=_share(timed(answer.tube), p),
        true_length=float("nan"),
    )


def _share(tube: TimedBoxes, p: Prepared) -> float:
    return (tube.last - tube.first + 1) / p.survey.video.frame_count
