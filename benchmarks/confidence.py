"""Whether the confidence separates present from absent sentences, and how well it is calibrated.

Every video is also asked sentences that it does not show: near misses written for it, or, where
there are none, sentences of other videos of its set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from .shared_data import Item

ABSENT = 3
"""Number of sentences of other videos that each video is asked."""
GOOD = 0.5
"""vIoU above which a tube counts as right."""
BINS = 5


class Judged(Protocol):
    """An answer of which it is known whether it is right, such as an `Outcome`."""

    @property
    def confidence(self) -> float: ...
    @property
    def viou(self) -> float: ...
    @property
    def present(self) -> bool: ...


def absent_sentences(item: Item, items: Sequence[Item], seed: int = 0) -> list[str]:
    """Up to `ABSENT` sentences of other videos, drawn at random."""
    own = {query.sentence for query in item.queries}
    others = sorted({q.sentence for other in items for q in other.queries} - own)
    rng = np.random.default_rng([seed, *item.name.encode()])
    return [others[i] for i in rng.permutation(len(others))[:ABSENT]]


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive ranks above a negative; ties count half, NaN without values.

    Example:
        >>> auroc([0.9, 0.5], [0.5, 0.1])
        0.875
    """
    if not len(positive) or not len(negative):
        return float("nan")
    above = np.subtract.outer(np.array(positive), np.array(negative))
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def report(judged: Sequence[Judged]) -> list[str]:
    """Lines: AUROC of present against absent, of correct among present, and the reliability."""
    present = [j for j in judged if j.present]
    absent = [j.confidence for j in judged if not j.present]
    right = [j.confidence for j in present if j.viou > GOOD]
    wrong = [j.confidence for j in present if j.viou <= GOOD]
    lines = [
        f"AUROC present/absent {auroc([j.confidence for j in present], absent):.3f} "
        f"({len(present)} present, {len(absent)} absent)",
        f"AUROC vIoU > {GOOD} among present {auroc(right, wrong):.3f} ({len(right)} right)",
    ]
    for low, high in _bins():
        inside = [j for j in judged if low <= j.confidence < high]
        if inside:
            said = np.mean([j.confidence for j in inside])
            true = np.mean([j.viou > GOOD for j in inside])
            lines.append(
                f"confidence {low:.1f} - {min(high, 1):.1f}: said {said:.2f}, "
                f"right {true:.2f} ({len(inside)} answers)"
            )
    return lines


def _bins() -> list[tuple[float, float]]:
    edges = np.linspace(0, 1, BINS + 1)
    edges[-1] = np.inf
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
