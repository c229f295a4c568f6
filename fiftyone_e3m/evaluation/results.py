"""What an evaluation found, for people and for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from .metrics import THRESHOLDS, Ends, summarise

Span = tuple[int, int]
LISTED = 20
"""Entries of a list that are printed."""
WITHOUT_ANSWERS = ("unreadable", "no_query", "failed")
"""Statuses of videos in which no sentence was grounded."""


@dataclass(frozen=True)
class Pair:
    """A true tube and the predicted one of the same sentence.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        query: the sentence.
        tiou: temporal IoU, 0..1.
        viou: spatio-temporal IoU, 0..1; None where the truth has no boxes.
        box_iou: mean box IoU over the frames that both events share, 0..1, where a frame without a
            box on one side counts 0; None where there are no such frames, or no true boxes.
        predicted: first and last frame found, 1-based and inclusive; None if nothing was predicted.
        true: the true ones.
        n_boxed: frames of the true event that have a true box.
        status: how grounding the video went, where that is known.
    """

    sample_id: str
    filepath: str
    query: str
    tiou: float
    viou: float | None
    box_iou: float | None
    predicted: Span | None
    true: Span
    n_boxed: int
    status: str | None = None

    @property
    def quality(self) -> float:
        """What pairs are ordered by: the vIoU, or the tIoU where there is none."""
        return self.tiou if self.viou is None else self.viou

    @property
    def absence(self) -> str:
        """Why there is no prediction."""
        if self.status is None:
            return "not predicted"
        return self.status if self.status in WITHOUT_ANSWERS else "not asked for"


@dataclass(frozen=True)
class Unmatched:
    """A prediction without ground truth.

    Attributes:
        sample_id: the sample.
        filepath: its video.
        query: the sentence.
    """

    sample_id: str
    filepath: str
    query: str


@dataclass(frozen=True)
class EvaluationResults:
    """What an evaluation found; ``print(results)`` is a report.

    Attributes:
        pred_field: where the predictions were.
        gt_field: where the ground truth was.
        ends: the convention for the last frame of an event.
        pairs: one per true tube; a missing prediction counts 0.
        unmatched: predictions without ground truth; they do not count.
        remarks: what was odd in the labels, as sentences.
    """

    pred_field: str
    gt_field: str
    ends: Ends
    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Pair, ...]:
        """The true tubes without a prediction."""
        return tuple(pair for pair in self.pairs if pair.predicted is None)

    @property
    def worst_first(self) -> list[Pair]:
        """The pairs from the worst to the best."""
        return sorted(self.pairs, key=lambda pair: (pair.quality, pair.tiou))

    @property
    def scores(self) -> dict[str, float | None]:
        """Means over the pairs, 0..1, by their names in papers.

        Those of vIoU are means over the pairs with true boxes, and None if there are none.
        """
        scores: dict[str, float | None] = {
            "m_tIoU": fmean(pair.tiou for pair in self.pairs),
            "m_vIoU": None,
            **{f"vIoU@{threshold}": None for threshold in THRESHOLDS},
        }
        boxed = [(pair.tiou, pair.viou) for pair in self.pairs if pair.viou is not None]
        if boxed:
            means = summarise(*zip(*boxed, strict=True))
            scores["m_vIoU"] = means.m_viou
            for threshold, share in zip(THRESHOLDS, means.viou_at, strict=True):
                scores[f"vIoU@{threshold}"] = share
        return scores

    def metrics(self) -> dict[str, float | None]:
        """The scores and what they are made of: numbers of pairs, missing and unmatched."""
        return {
            **self.scores,
            "n_pairs": len(self.pairs),
            "n_missing": len(self.missing),
            "n_unmatched": len(self.unmatched),
        }

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        names = ("m_tIoU", "m_vIoU")
        known = [f"{n} {self.scores[n]:.3f}" for n in names if self.scores[n] is not None]
        text = f"{', '.join(known)} over {_count(len(self.pairs), 'pair')}"
        if self.missing:
            text += f", {len(self.missing)} of them without a prediction (counted as 0)"
        return text + "."

    @property
    def notes(self) -> list[str]:
        """What has to be known about the true boxes to read the vIoU."""
        boxed = [pair for pair in self.pairs if pair.viou is not None]
        if not boxed:
            return ["The ground truth has no boxes: only when is scored, not where."]
        lines = []
        if len(boxed) < len(self.pairs):
            lines.append(f"vIoU is the mean over the {_count(len(boxed), 'pair')} with true boxes.")
        sparse = [pair for pair in boxed if pair.n_boxed <= pair.true[1] - pair.true[0]]
        if sparse:
            n = _count(len(sparse), "true tube")
            lines.append(f"In {n} some frames have no box; these frames count 0 in vIoU.")
        return lines

    def __str__(self) -> str:
        scores = "  ".join(f"{name} {_number(value)}" for name, value in self.scores.items())
        lines = [
            f"{scores}  ({_count(len(self.pairs), 'pair')})",
            f"{self.pred_field} against {self.gt_field}, ends {self.ends}.",
            *self.notes,
        ]
        missing = [f"{_name(p)} ({p.absence})" for p in self.missing]
        lines += _listed("true but not predicted, counted as 0", missing)
        lines += _listed("predicted without ground truth, not counted", map(_name, self.unmatched))
        lines += _listed("oddities in the labels", self.remarks)
        return "\n".join(lines)

    def to_json(self) -> str:
        """Everything as JSON: settings, metrics, and each pair."""
        return json.dumps({"metrics": self.metrics(), **dataclasses.asdict(self)}, indent=2)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EvaluationResults:
        """The results again from ``dataclasses.asdict(results)``, also after a way through JSON."""
        pairs = [
            Pair(**{**row, "predicted": _span(row["predicted"]), "true": tuple(row["true"])})
            for row in values["pairs"]
        ]
        return cls(
            pred_field=values["pred_field"],
            gt_field=values["gt_field"],
            ends=values["ends"],
            pairs=tuple(pairs),
            unmatched=tuple(Unmatched(**row) for row in values["unmatched"]),
            remarks=tuple(values["remarks"]),
        )


def _span(value: list[int] | None) -> Span | None:
    return None if value is None else (value[0], value[1])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _name(entry: Pair | Unmatched) -> str:
    return f"{Path(entry.filepath).name}: '{entry.query}'"


def _listed(heading: str, entries: Iterable[str]) -> list[str]:
    """A list under its heading and number; nothing if it is empty."""
    entries = list(entries)
    if not entries:
        return []
    lines = [f"{len(entries)} {heading}:", *(f"  {entry}" for entry in entries[:LISTED])]
    if len(entries) > LISTED:
        lines.append(f"  and {len(entries) - LISTED} more")
    return lines
