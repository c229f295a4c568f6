"""The results of a benchmark as files: one per shard, put together without a shared database."""

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
from ..request import GroundingError

Shard = tuple[int, int]
"""Which one, from 1 on, of how many."""


@dataclass(frozen=True)
class Score:
    """How well a sentence was grounded.

    Attributes:
        video: name of the video's file, without extension.
        sentence: the sentence.
        kind: kind of sentence, where the dataset knows several.
        tiou: temporal IoU, 0..1.
        viou: spatio-temporal IoU, 0..1.
        predicted: first and last frame found, 1-based and inclusive; None if nothing was predicted.
        true: the true ones.
        status: how grounding the video went.
        message: why nothing was predicted.
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
    """What is kept of one shard, or of all together.

    Attributes:
        benchmark: a key of `published.TABLES`.
        shard: which one it is.
        settings: everything that decides the scores.
        report: of the import.
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
        """Number of sentences without a prediction, by how grounding their videos went."""
        return dict(Counter(score.status or "not grounded" for score in self.missing))

    def means(self, kind: str | None = None) -> Scores | None:
        """Means over the sentences, or those of a kind; None if there are none."""
        chosen = [score for score in self.scores if kind is None or score.kind == kind]
        if not chosen:
            return None
        return summarise([score.tiou for score in chosen], [score.viou for score in chosen])

    def write(self, folder: Path) -> Path:
        """Writes the result into a folder, under a name that says which shard it is."""
        path = folder / file_name(self.benchmark, self.shard)
        values = {**dataclasses.asdict(self), "report": self.report.to_dict()}
        half = path.with_suffix(".part")
        half.write_text(json.dumps(values, indent=1))
        half.replace(path)
        return path

    @classmethod
    def read(cls, path: Path) -> ShardResult:
        """The result that `write` wrote.

        Raises:
            GroundingError: the file is something else.
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
                f"{path} is no result of a benchmark, though its name says so. Remove it."
            ) from None


def file_name(benchmark: str, shard: Shard) -> str:
    """Name of the file of a shard.

    Example:
        >>> file_name("vidstg", (2, 8))
        'vidstg-2-of-8.json'
    """
    return f"{benchmark}-{shard[0]}-of-{shard[1]}.json"


def read_results(folder: Path, benchmark: str | None = None) -> dict[str, list[ShardResult]]:
    """The results in a folder by benchmark, each list in order of its shards.

    Raises:
        GroundingError: results of one benchmark do not belong together, or a file is none.
    """
    found: dict[str, list[ShardResult]] = {}
    for path in sorted(folder.glob(f"{benchmark or '*'}-*-of-*.json")):
        result = ShardResult.read(path)
        found.setdefault(result.benchmark, []).append(result)
    for results in found.values():
        results.sort(key=lambda result: result.shard)
        for other in results[1:]:
            check_same(results[0], other.shard, other.settings, folder)
    return found


def check_same(kept: ShardResult, shard: Shard, settings: Mapping[str, Any], folder: Path) -> None:
    """Checks that a shard of the same benchmark belongs with a kept one.

    Args:
        kept: the result that is there.
        shard: the other one.
        settings: its settings.
        folder: where `kept` is, to say so.

    Raises:
        GroundingError: it is one of another number of shards, or has other settings.
    """
    names = [file_name(kept.benchmark, one) for one in (kept.shard, shard)]
    if kept.shard[1] != shard[1]:
        raise GroundingError(
            f"{names[0]} in {folder} is one of {kept.shard[1]} shards, {names[1]} one of "
            f"{shard[1]}. Keep them in different folders (--out)."
        )
    differ = _differences(kept.settings, settings)
    if differ:
        raise GroundingError(
            f"{names[0]} in {folder} has other settings than {names[1]} asks for: "
            f"{', '.join(differ)}. Keep them in different folders (--out)."
        )


def missing_shards(results: Sequence[ShardResult]) -> list[Shard]:
    """The shards that are not among results that belong together."""
    n = results[0].shard[1]
    there = {result.shard[0] for result in results}
    return [(k, n) for k in range(1, n + 1) if k not in there]


def merge(results: Sequence[ShardResult]) -> ShardResult:
    """The results of shards that belong together as one."""
    return dataclasses.replace(
        results[0],
        shard=(1, 1),
        report=ImportReport.merged([result.report for result in results]),
        scores=tuple(score for result in results for score in result.scores),
    )


def _differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """Which settings differ, with both values; those of a nested mapping one by one."""
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
