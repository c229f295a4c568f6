"""A grounding at a glance: how sure, which sentences, how the last run went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import fiftyone as fo
import numpy as np
from numpy.typing import NDArray

from ..dataset.runs import latest_run
from ..dataset.schema import Fields
from ..dataset.signals import Progress, progress_of, stop_requested
from ..evaluation.records import METHOD, score_fields
from ..request import FRAMES
from .grounded import check_sound

N_ROWS = 50
"""Rows of the table: the least sure ones; the grid shows all."""
SILENCE = timedelta(minutes=10)
"""Longer than a video usually takes; a run that is killed cannot say so."""


@dataclass(frozen=True)
class Row:
    """One event.

    Attributes:
        sample_id: the video.
        video: name of its file.
        query: the sentence.
        start: of the event, in seconds.
        end: of the event, in seconds.
        confidence: of the event, 0..1.
        score: vIoU of the sample after an evaluation, or tIoU where the truth has no boxes.
    """

    sample_id: str
    video: str
    query: str
    start: float
    end: float
    confidence: float
    score: float | None


@dataclass(frozen=True, eq=False)
class Overview:
    """A grounding at a glance.

    Attributes:
        n_videos: videos of the dataset.
        statuses: how many of them have which status; those never grounded are missing.
        confidence: (N,) confidence of each grounded sample, 0..1.
        rows: the least sure events, least sure first, at most `N_ROWS`.
        n_events: how many events there are.
        metric: name of the sample field that `Row.score` is from, if there was an evaluation.
    """

    n_videos: int
    statuses: Mapping[str, int]
    confidence: NDArray[np.floating]
    rows: tuple[Row, ...]
    n_events: int
    metric: str | None


@dataclass(frozen=True)
class LastRun:
    """How the run that was started last went or goes.

    Attributes:
        key: of its record.
        state: "running" (or killed), "stopped", "finished".
        config: the record.
        progress: how far it is.
        stopping: whether it was asked to stop.
    """

    key: str
    state: str
    config: Any
    progress: Progress | None
    stopping: bool

    @property
    def seems_killed(self) -> bool:
        """Whether it says that it runs but has been silent for `SILENCE` or longer."""
        if self.state != "running" or self.progress is None:
            return False
        heard = datetime.fromisoformat(self.progress.at)
        return datetime.now(timezone.utc) - heard > SILENCE

    @property
    def problems(self) -> list[dict[str, str]]:
        """Videos that were not grounded: filepath, status, message."""
        return list(getattr(self.config, "problems", []))


def read_overview(dataset: fo.Dataset, field: str) -> Overview:
    """Reads a grounding at a glance; sample fields only, so it does not grow with the frames.

    Args:
        dataset: the dataset.
        field: name of the tube field.

    Raises:
        GroundingError: a field that it needs was deleted.
    """
    fields, metric = Fields(field), latest_metric(dataset, field)
    check_sound(dataset, fields, (fields.events, fields.confidence, fields.status))
    event = f"{fields.events}.detections."
    paths = ["id", "filepath", "metadata.frame_rate", fields.status, fields.confidence]
    paths += [event + name for name in ("label", "support", "confidence")]
    paths += [metric] if metric else []
    columns = dataset.values(paths)
    scores = columns[8] if metric else [None] * len(columns[0])
    rows = [
        Row(
            sample_id=sample_id,
            video=Path(path).name,
            query=query,
            start=(support[0] - 1) / (rate or 1),
            end=support[1] / (rate or 1),
            confidence=confidence or 0.0,
            score=score,
        )
        for sample_id, path, rate, *events, score in zip(
            *columns[:3], *columns[5:8], scores, strict=True
        )
        for query, support, confidence in zip(*(column or [] for column in events), strict=True)
    ]
    rows.sort(key=lambda row: row.confidence)
    return Overview(
        n_videos=len(columns[0]),
        statuses=Counter(status for status in columns[3] if status),
        confidence=np.array([value for value in columns[4] if value is not None], float),
        rows=tuple(rows[:N_ROWS]),
        n_events=len(rows),
        metric=metric,
    )


def last_run(dataset: fo.Dataset, field: str | None = None) -> LastRun | None:
    """The grounding run that was started last: of all, or into a field."""
    latest = latest_run(dataset, field)
    if latest is None:
        return None
    key, config = latest
    stopping = stop_requested(dataset, key)
    return LastRun(key, config.state, config, progress_of(dataset, key), stopping)


def latest_metric(dataset: fo.Dataset, field: str) -> str | None:
    """The sample field that the latest evaluation of a grounding scored: vIoU, else tIoU."""
    infos = [dataset.get_run_info(key) for key in dataset.list_runs(method=METHOD)]
    mine = [info for info in infos if _is_about(info.config.settings["pred_field"], field)]
    if not mine:
        return None
    viou, tiou = score_fields(max(mine, key=lambda info: info.timestamp).key)
    scored = [name for name in (viou, tiou) if dataset.has_field(name) and dataset.count(name)]
    return scored[0] if scored else None


def _is_about(predicted: str, field: str) -> bool:
    """Whether an evaluation's predictions, as the user named them, are a grounding's."""
    return predicted.removeprefix(FRAMES) in (field, Fields(field).events)
