"""What an evaluation found, for people and for programs."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from plotly.graph_objects import Figure

from ..dataset.labels import Span
from .figure import evaluation_figure
from .metrics import THRESHOLDS, Ends, summarise
from .pairs import TIME_VERDICTS, VERDICTS, Pair, Unmatched

LISTED = 20
"""Entries of a list that are printed."""


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
    def breakdown(self) -> str:
        """What failed, in one sentence: the time, the object, or both."""
        sentences = []
        boxed = [pair for pair in self.pairs if pair.viou is not None]
        timed = [pair for pair in self.pairs if pair.viou is None]
        for pairs, verdicts, which in (
            (boxed, VERDICTS, ""),
            (timed, TIME_VERDICTS, " without true boxes" if boxed else ""),
        ):
            counts = Counter(pair.verdict for pair in pairs)
            parts = [f"{counts[verdict]} {verdict}" for verdict in verdicts if counts[verdict]]
            if parts:
                sentences.append(f"of {_count(len(pairs), 'pair')}{which}: {', '.join(parts)}")
        return "; ".join(sentences).capitalize() + "."

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
            self.breakdown,
            *self.notes,
        ]
        missing = [f"{_name(p)} ({p.absence})" for p in self.missing]
        lines += _listed("true but not predicted, counted as 0", missing)
        lines += _listed("predicted without ground truth, not counted", map(_name, self.unmatched))
        lines += _listed("oddities in the labels", self.remarks)
        return "\n".join(lines)

    def plot(self) -> Figure:
        """The results as a Plotly figure: how good the pairs are, and what failed.

        Left: how many pairs have which vIoU, with the thresholds .3 and .5. Right: a point per
        pair, its tIoU against the mean box IoU over the shared frames. The lines at .5 tell a wrong
        time from a wrong object, the dotted curves are a vIoU of .3 and .5. Pairs without true
        boxes are left out; if no pair has any, there is one pane, of tIoU.
        """
        traces, layout = evaluation_figure(self.pairs)
        return Figure(traces, layout)

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
