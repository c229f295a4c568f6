"""The results of an evaluation, as a report and as data."""

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
"""Maximum number of entries printed per list."""


@dataclass(frozen=True)
class EvaluationResults:
    """The results of an evaluation; ``print(results)`` prints a report.

    Attributes:
        pred_field: fields of the predictions.
        gt_field: fields of the ground truth.
        ends: the convention for the last frame of an event.
        pairs: one per true tube; a missing prediction scores 0.
        unmatched: predictions without ground truth; they are not scored.
        remarks: problems in the labels, as sentences.
        own_boxes: whether the predictions were chosen among the true boxes themselves.
    """

    pred_field: str
    gt_field: str
    ends: Ends
    pairs: tuple[Pair, ...]
    unmatched: tuple[Unmatched, ...] = ()
    remarks: tuple[str, ...] = ()
    own_boxes: bool = False

    @property
    def missing(self) -> tuple[Pair, ...]:
        """The true tubes without a prediction."""
        return tuple(pair for pair in self.pairs if pair.predicted is None)

    @property
    def worst_first(self) -> list[Pair]:
        """The pairs from worst to best."""
        return sorted(self.pairs, key=lambda pair: (pair.quality, pair.tiou))

    @property
    def scores(self) -> dict[str, float | None]:
        """Means over the pairs, 0..1, by their names in papers.

        The vIoU scores are means over the pairs with true boxes, and None if there are none.
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
        """The scores, and the numbers of pairs, missing and unmatched tubes."""
        return {
            **self.scores,
            "n_pairs": len(self.pairs),
            "n_missing": len(self.missing),
            "n_unmatched": len(self.unmatched),
        }

    @property
    def headline(self) -> str:
        """The scores in one sentence."""
        names = ("m_tIoU", "m_vIoU")
        means = [f"{n} {self.scores[n]:.3f}" for n in names if self.scores[n] is not None]
        text = f"{', '.join(means)} over {_count(len(self.pairs), 'pair')}"
        if self.missing:
            text += f", {len(self.missing)} of them without a prediction (counted as 0)"
        return text + "."

    @property
    def breakdown(self) -> str:
        """What is wrong, in one sentence: the time, the object, or both."""
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
        """Notes on corrected events, and on the true boxes, that explain the scores."""
        corrected = sum(pair.corrected for pair in self.pairs)
        lines = [f"{_count(corrected, 'predicted event')} corrected by hand."] if corrected else []
        boxed = [pair for pair in self.pairs if pair.viou is not None]
        if not boxed:
            return [*lines, "The ground truth has no boxes, so only the time is scored."]
        if self.own_boxes:
            lines.append(
                "The grounding chose among these true boxes themselves, so the vIoU tells how well "
                "it chose and timed, but not how well the objects are found: expect less with a "
                "detector."
            )
        if len(boxed) < len(self.pairs):
            lines.append(f"vIoU is the mean over the {_count(len(boxed), 'pair')} with true boxes.")
        sparse = [pair for pair in boxed if pair.n_boxed <= pair.true[1] - pair.true[0]]
        if sparse:
            n = _count(len(sparse), "true tube")
            lines.append(f"In {n} some frames have no box; these frames add 0 to the vIoU.")
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
        lines += _listed("true tubes without a prediction, counted as 0", missing)
        lines += _listed(
            "predictions without ground truth, not counted", map(_name, self.unmatched)
        )
        lines += _listed("problems in the labels", self.remarks)
        return "\n".join(lines)

    def plot(self) -> Figure:
        """The results as a Plotly figure: the scores of the pairs, and what is wrong.

        Left: a histogram of vIoU, with the thresholds .3 and .5. Right: a point per pair, its tIoU
        against the mean box IoU over the shared frames. The lines at .5 separate a wrong time from
        a wrong object; the dotted curves are vIoU .3 and .5. Pairs without true boxes are left
        out; if no pair has any, there is one plot, of tIoU.
        """
        traces, layout = evaluation_figure(self.pairs)
        return Figure(traces, layout)

    def to_json(self) -> str:
        """All results as JSON: settings, metrics, and each pair."""
        return json.dumps({"metrics": self.metrics(), **dataclasses.asdict(self)}, indent=2)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EvaluationResults:
        """Restores results from ``dataclasses.asdict(results)``, also after a JSON round trip."""
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
            own_boxes=bool(values.get("own_boxes")),  # earlier versions did not say
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
    """A list under a heading with its length; nothing if it is empty."""
    entries = list(entries)
    if not entries:
        return []
    lines = [f"{len(entries)} {heading}:", *(f"  {entry}" for entry in entries[:LISTED])]
    if len(entries) > LISTED:
        lines.append(f"  and {len(entries) - LISTED} more")
    return lines
