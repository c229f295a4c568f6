"""Overview of a grounding: confidence, states, and the least confident events.

All that concerns every video is counted by the database; only the rows of the table are read. A
million videos take seconds (`benchmarks/many_videos.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fiftyone as fo
import numpy as np
from fiftyone import ViewField as F
from numpy.typing import NDArray

from ..calibration import Applied, uncalibrated
from ..dataset.runs import calibration_of, run_of_each, runs_of
from ..dataset.schema import Fields
from ..dataset.states import STATES, State, least_certainty, review_state, values_and_states
from ..evaluation.pairs import Pair
from ..evaluation.records import METHOD, load_evaluation
from ..evaluation.results import EvaluationResults
from ..request import FRAMES, GroundingError
from .grounded import check_sound

N_ROWS = 50
"""Maximum number of rows of the table, least confident events first; the grid shows all."""
N_BINS = 20
EDGES = np.arange(N_BINS + 1) / N_BINS
"""Edges of the histogram's bars: each includes its lower edge, and the last one also 1."""


@dataclass(frozen=True)
class Row:
    """One event in the table.

    Attributes:
        sample_id: the video.
        video: name of the video file.
        query: the sentence.
        start: start of the event, in seconds.
        end: end of the event, in seconds.
        confidence: confidence of the event, 0..1.
        first: first frame of the event, 1-based.
        score: vIoU of the sentence in the latest evaluation, or tIoU if it has no true boxes; None
            without an evaluation, or without ground truth.
        right: whether the evaluation found it right; None without a score.
        state: what a person said of it.
    """

    sample_id: str
    video: str
    query: str
    start: float
    end: float
    confidence: float
    first: int
    score: float | None
    right: bool | None
    state: State


@dataclass(frozen=True, eq=False)
class Overview:
    """Overview of a grounding.

    Attributes:
        n_videos: number of videos in the dataset.
        statuses: number of videos by status; videos never grounded are not included.
        histogram: (N_BINS,) number of grounded samples by confidence, between `EDGES`.
        rows: events in order of confidence, lowest first, at most `N_ROWS`.
        n_events: number of all events.
        states: number of events by state.
        evaluation: key of the latest evaluation, which the scores are from; None without one.
        uncalibrated: sentences that name the encoders whose confidence is not calibrated.
    """

    n_videos: int
    statuses: Mapping[str, int]
    histogram: NDArray[np.int64]
    rows: tuple[Row, ...]
    n_events: int
    states: Mapping[State, int]
    evaluation: str | None
    uncalibrated: tuple[str, ...] = ()


def read_overview(dataset: fo.Dataset, field: str) -> Overview:
    """Reads the overview of a grounding; from sample fields only, so that frames cost nothing.

    Args:
        dataset: the dataset.
        field: name of the tube field.

    Raises:
        GroundingError: a required field was deleted or replaced.
    """
    fields, evaluated = Fields(field), latest_evaluation(dataset, field)
    check_sound(dataset, fields, (fields.events, fields.confidence, fields.status))
    states = dataset.count_values(f"{fields.events}.detections[]", expr=review_state())
    statuses = sorted(dataset.count_values(fields.status).items(), key=_often)
    return Overview(
        n_videos=len(dataset),
        statuses={status: n for status, n in statuses if status},
        histogram=_histogram(dataset, fields.confidence),
        rows=_least_confident(dataset, fields, evaluated[1].pairs if evaluated else ()),
        n_events=sum(states.values()),
        states={name: states[name] for name in STATES if name in states},
        evaluation=evaluated[0] if evaluated else None,
        uncalibrated=_uncalibrated(dataset, field),
    )


def latest_change(dataset: fo.Dataset) -> tuple[Any, ...]:
    """What differs after any change of samples or evaluations; it costs the same for any number."""
    newest = dataset.sort_by("last_modified_at", reverse=True).limit(1)  # there is an index
    evaluations = (dataset.get_run_info(key) for key in dataset.list_runs(method=METHOD))
    times = sorted((info.key, info.timestamp) for info in evaluations)
    return len(dataset), newest.values("last_modified_at"), times


def latest_evaluation(dataset: fo.Dataset, field: str) -> tuple[str, EvaluationResults] | None:
    """Key and results of the latest complete evaluation of a grounding."""
    infos = [dataset.get_run_info(key) for key in dataset.list_runs(method=METHOD)]
    mine = [info for info in infos if _is_about(info.config.settings["pred_field"], field)]
    for info in sorted(mine, key=lambda info: info.timestamp, reverse=True):
        try:
            return info.key, load_evaluation(dataset, info.key)
        except GroundingError:  # it was interrupted
            continue
    return None


def _often(counted: tuple[str | None, int]) -> tuple[int, str]:
    value, n = counted
    return -n, value or ""


def _histogram(dataset: fo.Dataset, confidence: str) -> NDArray[np.int64]:
    """(N_BINS,) how many samples have a confidence between two `EDGES`, by the same comparisons.

    FiftyOne's own `histogram_values` takes no edges (1.22).
    """
    bins = {F() >= edge: i for i, edge in reversed(list(enumerate(EDGES[:-1].tolist())))}
    counts = dataset.count_values(F(confidence).switch(bins, default=-1))
    return np.array([counts.get(i, 0) for i in range(N_BINS)], np.int64)


def _least_confident(dataset: fo.Dataset, fields: Fields, pairs: Iterable[Pair]) -> tuple[Row, ...]:
    """The rows of the table; the first `N_ROWS` videos by their least confident event have them."""
    event = f"{fields.events}.detections."
    paths = ["id", "filepath", "metadata.frame_rate"]
    paths += [event + name for name in ("label", "support", "confidence")]
    videos = dataset.exists(fields.events).sort_by(least_certainty(fields.events)).limit(N_ROWS)
    columns = values_and_states(videos, paths, fields.events)
    shown = set(columns[0])
    scores = {(p.sample_id, p.query): p for p in pairs if p.sample_id in shown}
    rows = sorted(_rows(columns, scores), key=lambda row: row.confidence)
    return tuple(rows[:N_ROWS])


def _rows(columns: Sequence[Any], pairs: Mapping[tuple[str, str], Pair]) -> Iterator[Row]:
    """The events of all videos, from the columns that `_least_confident` reads."""
    ids, files, rates, *of_events = columns
    for sample_id, path, rate, *events in zip(ids, files, rates, *of_events, strict=True):
        columns_of_video = (column or [] for column in events)
        for query, support, confidence, state in zip(*columns_of_video, strict=True):
            pair = pairs.get((sample_id, query.strip()))
            yield Row(
                sample_id=sample_id,
                video=Path(path).name,
                query=query,
                start=(support[0] - 1) / (rate or 1),
                end=support[1] / (rate or 1),
                confidence=confidence or 0.0,
                first=support[0],
                score=pair.quality if pair else None,
                right=pair.right if pair else None,
                state=state,
            )


def _uncalibrated(dataset: fo.Dataset, field: str) -> tuple[str, ...]:
    """The sentences for the runs that the confidences are from, as far as their records say."""
    said = {key: _why_uncalibrated(config) for key, config in runs_of(dataset, field)}
    grounded = dataset.exists(Fields(field).confidence)
    different = set(said.values()) - {None}
    if not different or not grounded.limit(1).count():
        return ()
    if set(said.values()) != different or len(different) > 1:  # the only reason to read all ids
        of_each = run_of_each(dataset, field, grounded.values("id"))
        different = {said[key] for key, _ in of_each.values()} - {None}
    return tuple(sorted(filter(None, different)))


def _why_uncalibrated(config: Any) -> str | None:
    """The sentence for a run whose confidences are not calibrated; None if they are."""
    applied = Applied.from_record(calibration_of(config))
    if applied is not None and applied.origin != "none":
        return None
    settings = config.settings
    return uncalibrated(settings["encoder"], settings["config"].get("contrast", False))


def _is_about(predicted: str, field: str) -> bool:
    """Whether the `pred_field` of an evaluation refers to a grounding."""
    return predicted.removeprefix(FRAMES) in (field, Fields(field).events)
