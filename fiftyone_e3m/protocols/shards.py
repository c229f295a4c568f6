"""The results of a benchmark as files: one per shard, merged without a shared database."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..dataset.labels import Span
from ..evaluation.metrics import Scores, summarise
from ..importers import ImportReport
from ..paths import write_inside
from ..request import GroundingError

Shard = tuple[int, int]
"""Index of a shard, from 1, and the number of shards."""


@dataclass(frozen=True)
class Score:
    """The score of one sentence.

    Attributes:
        video: name of the video file, without extension.
        sentence: the sentence.
        kind: kind of sentence, if the dataset has several.
        tiou: temporal IoU, 0..1.
        viou: spatio-temporal IoU, 0..1.
        predicted: first and last predicted frame, 1-based and inclusive; None without a prediction.
        true: first and last true frame, 1-based and inclusive.
        status: grounding status of the video.
        message: why there is no prediction.
    """

    video: str
    sentence: str
    kind: str | None
    tiou: float
    viou: float
    predicted: Span | None
    true: Span
    status: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class ShardResult:
    """The stored result of one shard, or of all shards merged.

    Attributes:
        benchmark: a key of `published.TABLES`.
        shard: index and number of shards.
        settings: everything that affects the scores.
        report: the import report.
        scores: one per imported sentence.
    """

    benchmark: str
    shard: Shard
    settings: dict[str, Any]
    report: ImportReport
    scores: tuple[Score, ...]

    @property
    def missing(self) -> tuple[Score, ...]:
        """The sentences without a prediction, which count 0."""
        return tuple(score for score in self.scores if score.predicted is None)

    @property
    def statuses(self) -> dict[str, int]:
        """Number of sentences without a prediction, by grounding status of their videos."""
        return dict(Counter(score.status or "not grounded" for score in self.missing))

    def means(self, kind: str | None = None) -> Scores | None:
        """Means over all sentences, or over those of a kind; None if there are none."""
        chosen = [score for score in self.scores if kind is None or score.kind == kind]
        if not chosen:
            return None
        return summarise([score.tiou for score in chosen], [score.viou for score in chosen])

    def write(self, folder: Path) -> Path:
        """Writes the result into a folder; the file name identifies the shard."""
        values = {**dataclasses.asdict(self), "report": self.report.to_dict()}
        name = file_name(self.benchmark, self.shard)
        return write_inside(folder, name, json.dumps(values, indent=1))

    @classmethod
    def read(cls, path: Path) -> ShardResult:
        """Reads a result that `write` wrote.

        Raises:
            GroundingError: the file is not a result.
        """
        try:
            values = json.loads(path.read_text())
            return cls(
                benchmark=values["benchmark"],
                shard=_span(values["shard"]),
                settings=values["settings"],
                report=ImportReport.from_dict(values["report"]),
                scores=tuple(_score(row) for row in values["scores"]),
            )
        except (ValueError, KeyError, TypeError):
            raise GroundingError(
                f"{path} is named like a benchmark result but is not one. Remove or rename it."
            ) from None


def file_name(benchmark: str, shard: Shard) -> str:
    """File name of a shard.

    Example:
        >>> file_name("vidstg", (2, 8))
        'vidstg-2-of-8.json'
    """
    return f"{benchmark}-{shard[0]}-of-{shard[1]}.json"


def read_results(folder: Path, benchmark: str | None = None) -> dict[str, list[ShardResult]]:
    """The results in a folder by benchmark, each list ordered by shard.

    Raises:
        GroundingError: results of one benchmark do not belong together, or a file is not a result.
    """
    by_benchmark: dict[str, list[ShardResult]] = {}
    for path in sorted(folder.glob(f"{benchmark or '*'}-*-of-*.json")):
        result = ShardResult.read(path)
        by_benchmark.setdefault(result.benchmark, []).append(result)
    for results in by_benchmark.values():
        results.sort(key=lambda result: result.shard)
        for other in results[1:]:
            check_same(results[0], other.shard, other.settings, folder)
    return by_benchmark


def check_same(kept: ShardResult, shard: Shard, settings: Mapping[str, Any], folder: Path) -> None:
    """Checks that a shard of the same benchmark belongs with a stored one.

    Args:
        kept: the stored result.
        shard: the other shard.
        settings: settings of the other shard.
        folder: folder of `kept`, for the message.

    Raises:
        GroundingError: the number of shards or the settings differ.
    """
    names = [file_name(kept.benchmark, one) for one in (kept.shard, shard)]
    if kept.shard[1] != shard[1]:
        raise GroundingError(
            f"{names[0]} in {folder} is one of {kept.shard[1]} shards, but {names[1]} is one of "
            f"{shard[1]}. Use different folders (--out)."
        )
    differ = _differences(kept.settings, settings)
    if differ:
        raise GroundingError(
            f"{names[0]} in {folder} and {names[1]} have different settings: "
            f"{', '.join(differ)}. Use different folders (--out)."
        )


def missing_shards(results: Sequence[ShardResult]) -> list[Shard]:
    """The shards that are missing from results that belong together."""
    n = results[0].shard[1]
    present = {result.shard[0] for result in results}
    return [(k, n) for k in range(1, n + 1) if k not in present]


def merge(results: Sequence[ShardResult]) -> ShardResult:
    """Merges the results of shards that belong together."""
    return dataclasses.replace(
        results[0],
        shard=(1, 1),
        report=ImportReport.merged([result.report for result in results]),
        scores=tuple(score for result in results for score in result.scores),
    )


def _differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """The settings that differ, with both values; nested mappings are compared key by key."""
    lines = []
    for key in dict.fromkeys([*a, *b]):
        x, y = a.get(key), b.get(key)
        if isinstance(x, Mapping) and isinstance(y, Mapping):
            lines += _differences(x, y)
        elif x != y:
            lines.append(f"{key} {x} and {y}")
    return lines


def _score(row: dict[str, Any]) -> Score:
    predicted = row["predicted"] and _span(row["predicted"])
    return Score(**{**row, "predicted": predicted, "true": _span(row["true"])})


def _span(value: Sequence[int]) -> Span:
    return value[0], value[1]
