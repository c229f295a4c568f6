"""Overview of a grounding: confidence, least confident events, and the last run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import fiftyone as fo
import numpy as np
from numpy.typing import NDArray

from ..calibration import Applied, uncalibrated
from ..dataset.runs import calibration_of, latest_run, run_of_each
from ..dataset.schema import Fields
from ..dataset.signals import Progress, progress_of, stop_requested
from ..dataset.states import State, values_and_states
from ..evaluation.pairs import Pair
from ..evaluation.records import METHOD, load_evaluation
from ..evaluation.results import EvaluationResults
from ..request import FRAMES, GroundingError
from .grounded import check_sound

N_ROWS = 50
"""Maximum number of rows of the table, least confident events first; the grid shows all."""
SILENCE = timedelta(minutes=10)
"""Longer than a video usually takes; a killed run cannot report that it ended."""


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
        confidence: (N,) confidence of each grounded sample, 0..1.
        rows: events in order of confidence, lowest first, at most `N_ROWS`.
        n_events: number of all events.
        states: number of events by state.
        evaluation: key of the latest evaluation, which the scores are from; None without one.
        uncalibrated: sentences that name the encoders whose confidence is not calibrated.
    """

    n_videos: int
    statuses: Mapping[str, int]
    confidence: NDArray[np.floating]
    rows: tuple[Row, ...]
    n_events: int
    states: Mapping[State, int]
    evaluation: str | None
    uncalibrated: tuple[str, ...] = ()


@dataclass(frozen=True)
class LastRun:
    """The most recently started run.

    Attributes:
        key: key of the run record.
        state: "running" (or killed), "stopped" or "finished".
        config: the run record.
        progress: progress of the run; None if it never started.
        stopping: whether it was asked to stop.
    """

    key: str
    state: str
    config: Any
    progress: Progress | None
    stopping: bool

    @property
    def seems_killed(self) -> bool:
        """Whether the state is "running" but the last update is older than `SILENCE`."""
        if self.state != "running" or self.progress is None:
            return False
        updated = datetime.fromisoformat(self.progress.at)
        return datetime.now(timezone.utc) - updated > SILENCE

    @property
    def problems(self) -> list[dict[str, str]]:
        """Videos that were not grounded: filepath, status, message."""
        return list(getattr(self.config, "problems", []))


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
    event = f"{fields.events}.detections."
    paths = ["id", "filepath", "metadata.frame_rate", fields.status, fields.confidence]
    paths += [event + name for name in ("label", "support", "confidence")]
    columns = values_and_states(dataset, paths, fields.events)
    pairs = {(p.sample_id, p.query): p for p in evaluated[1].pairs} if evaluated else {}
    rows = list(_rows(columns, pairs))
    rows.sort(key=lambda row: row.confidence)
    sure = [i for i, value in zip(columns[0], columns[4], strict=True) if value is not None]
    return Overview(
        n_videos=len(columns[0]),
        statuses=Counter(status for status in columns[3] if status),
        confidence=np.array([value for value in columns[4] if value is not None], float),
        rows=tuple(rows[:N_ROWS]),
        n_events=len(rows),
        states=Counter(row.state for row in rows),
        evaluation=evaluated[0] if evaluated else None,
        uncalibrated=_uncalibrated(dataset, field, sure),
    )


def last_run(dataset: fo.Dataset, field: str | None = None) -> LastRun | None:
    """The most recently started grounding run: of all runs, or of a field's."""
    latest = latest_run(dataset, field)
    if latest is None:
        return None
    key, config = latest
    stopping = stop_requested(dataset, key)
    return LastRun(key, config.state, config, progress_of(dataset, key), stopping)


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


def _rows(columns: Sequence[Any], pairs: Mapping[tuple[str, str], Pair]) -> Iterator[Row]:
    """The events of all videos, from the columns that `read_overview` reads."""
    ids, files, rates, _, _, *of_events = columns
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


def _uncalibrated(dataset: fo.Dataset, field: str, ids: list[str]) -> tuple[str, ...]:
    """The sentences for the runs that grounded these samples, as far as their records say."""
    said = []
    for _, config in dict(run_of_each(dataset, field, ids).values()).items():
        applied = Applied.from_record(calibration_of(config))
        if applied is None or applied.origin == "none":
            settings = config.settings
            said.append(
                uncalibrated(settings["encoder"], settings["config"].get("contrast", False))
            )
    return tuple(dict.fromkeys(said))


def _is_about(predicted: str, field: str) -> bool:
    """Whether the `pred_field` of an evaluation refers to a grounding."""
    return predicted.removeprefix(FRAMES) in (field, Fields(field).events)
