"""Whether a change helps: paired differences per sentence, with an interval over videos.

Sentences of a video share its frames and tracks, so they are not independent: videos are resampled,
not sentences. Each set counts equally, and so does each encoder; an encoder sees the same resampled
videos as the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .outcomes import Outcome

RESAMPLES = 2000
MIDDLE = 0.90
"""Share of the resampled means that an interval covers."""


@dataclass(frozen=True)
class Effect:
    """A mean with its interval.

    Attributes:
        mean: mean over sets, each the mean over its sentences.
        low: lower end of the middle 90 % over resampled videos.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.mean:+.3f} [{self.low:+.3f} {self.high:+.3f}]"


def effect(
    after: Sequence[Sequence[Outcome]], before: Sequence[Sequence[Outcome]], metric: str = "viou"
) -> Effect:
    """How much a metric rises from one way to another.

    Args:
        after: outcomes of one way, for each encoder.
        before: outcomes of the other way in the same order.
        metric: ``"tiou"`` or ``"viou"``.

    Raises:
        ValueError: the two do not hold the same sentences in the same order.
    """
    gains = [_gains(a, b, metric) for a, b in zip(after, before, strict=True)]
    drawn = np.mean([_resampled(g) for g in gains], axis=0)
    means = [np.mean([np.concatenate(list(v.values())).mean() for v in g.values()]) for g in gains]
    return Effect(float(np.mean(means)), *_middle(drawn))


def interval(outcomes: Sequence[Outcome], metric: str = "viou") -> tuple[float, float]:
    """The middle 90 % of a metric's mean over resampled videos."""
    drawn = _resampled(_by_video(outcomes, [getattr(o, metric) for o in outcomes]))
    return _middle(drawn)


Values = dict[str, dict[str, NDArray[np.float64]]]
"""Values of the sentences of each video of each set."""


def _gains(after: Sequence[Outcome], before: Sequence[Outcome], metric: str) -> Values:
    gain = []
    for a, b in zip(after, before, strict=True):
        if (a.set, a.video, a.sentence) != (b.set, b.video, b.sentence):
            raise ValueError(f"{a.sentence!r} in {a.video} is compared with {b.sentence!r}")
        gain.append(getattr(a, metric) - getattr(b, metric))
    return _by_video(after, gain)


def _by_video(outcomes: Sequence[Outcome], values: Sequence[float]) -> Values:
    found: dict[str, dict[str, list[float]]] = {}
    for outcome, value in zip(outcomes, values, strict=True):
        if outcome.present:
            found.setdefault(outcome.set, {}).setdefault(outcome.video, []).append(value)
    return {s: {v: np.array(x) for v, x in videos.items()} for s, videos in found.items()}


def _resampled(values: Values) -> NDArray[np.float64]:
    """(RESAMPLES,) means over sets, each over the sentences of videos drawn with replacement."""
    means = []
    for number, (_, videos) in enumerate(sorted(values.items())):
        total = np.array([x.sum() for x in videos.values()])
        count = np.array([len(x) for x in videos.values()])
        rng = np.random.default_rng(number)
        drawn = rng.integers(0, len(total), (RESAMPLES, len(total)))
        means.append(total[drawn].sum(axis=1) / count[drawn].sum(axis=1))
    return np.mean(means, axis=0)


def _middle(drawn: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2])
    return float(low), float(high)
