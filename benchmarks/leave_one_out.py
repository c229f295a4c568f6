"""What the constants are worth on videos that they were not fitted on: leave one source out.

For each clip or film, the weights of the evidence and of the confidence are fitted anew without any
video that shows it, and its sentences are grounded with these. Sentences that a video does not show
are asked with constants fitted without all that it shows. All encoders share the constants.

Usage: python -m benchmarks.leave_one_out [--sets joined panned ...] [--encoders bundled flickr8k]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from fiftyone_e3m.candidates import load_detector
from fiftyone_e3m.config import E3MConfig

from .confidence import GOOD, report
from .fitting import WEIGHTS, Case, Floats, case, clues_of, confidence_model, track_weights
from .outcomes import Outcome, absent_of, judge
from .quality import SETS, line
from .scenes import MemoEncoder, Prepared, items, load, prepare
from .shared_data import DETECTOR, Query, require_shared

SURE = 0.8
"""Confidence above which answers should rarely be wrong."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A sentence in a video, and its answer with the default constants.

    Attributes:
        set: name of the set.
        video: the video.
        query: the query; a sentence alone if the video does not show it.
        encoder: the encoder.
        outcome: what came of it.
        clues: (L, 4) clues of the event's frames.
        case: its tracks; None if none of them is meant.
    """

    set: str
    video: Prepared
    query: Query | str
    encoder: MemoEncoder
    outcome: Outcome
    clues: Floats
    case: Case | None

    @property
    def shown(self) -> frozenset[str]:
        """Everything that the video shows."""
        return frozenset(query.source for query in self.video.item.queries)

    @property
    def held_out(self) -> frozenset[str]:
        """What constants for this sentence must not have been fitted on."""
        return self.shown if isinstance(self.query, str) else frozenset([self.query.source])


class Fits:
    """Constants fitted without some sources.

    Args:
        asked: everything there is to fit on.
    """

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked
        self.of = cache(self._of)

    def _of(self, left_out: frozenset[str]) -> tuple[E3MConfig, LogisticRegression]:
        rest = [a for a in self._asked if not a.shown & left_out]
        weights = track_weights([a.case for a in rest if a.case])
        model = confidence_model([a.clues for a in rest], [a.outcome for a in rest])
        return E3MConfig(**weights), model


def ask(
    name: str, videos: Sequence[Prepared], encoder: MemoEncoder, config: E3MConfig
) -> Iterable[Asked]:
    """Asks the videos of a set everything, with the default constants."""
    for p in videos:
        queries: list[Query | str] = [*p.item.queries, *absent_of(p, videos)]
        answers = p.answers([_sentence(q) for q in queries], encoder, config)
        for q, answer in zip(queries, answers, strict=True):
            tracks = None if isinstance(q, str) else case(name, p, q, encoder, config)
            clues = clues_of(p, answer, encoder, config)
            yield Asked(name, p, q, encoder, judge(name, p, q, answer), clues, tracks)


def ask_again(asked: Asked, fits: Fits) -> Outcome:
    """The outcome with constants that were fitted without the sentence's source."""
    config, model = fits.of(asked.held_out)
    p, encoder = asked.video, asked.encoder
    (answer,) = p.answers([_sentence(asked.query)], encoder, config)
    confidence = model.predict_proba(clues_of(p, answer, encoder, config))[:, 1].mean()
    return replace(judge(asked.set, p, asked.query, answer), confidence=float(confidence))


def sure(outcomes: Iterable[Outcome]) -> str:
    """How many of the confident answers are right."""
    right = [outcome.viou > GOOD for outcome in outcomes if outcome.confidence > SURE]
    share = f", {np.mean(right):.2f} right" if right else ""
    return f"confidence > {SURE}: {len(right)} answers{share}"


def main() -> None:
    """Prints each set with the default constants and with those of other sources."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--encoders", nargs="+", default=["bundled", "flickr8k"])
    arguments = parser.parse_args()
    require_shared()
    config, detector = E3MConfig(), load_detector(str(DETECTOR))
    with tempfile.TemporaryDirectory() as folder:
        sets = {n: prepare(items(n, Path(folder)), detector, config) for n in arguments.sets}
        asked: list[Asked] = []
        for encoder_name in arguments.encoders:
            encoder = MemoEncoder(load(encoder_name, folder))
            for name, videos in sets.items():
                asked += ask(name, videos, encoder, config)
        fits = Fits(asked)
        print_fits(fits, [a.held_out for a in asked])
        again = {id(a): ask_again(a, fits) for a in asked}
        for encoder in dict.fromkeys(a.encoder for a in asked):
            print_encoder([a for a in asked if a.encoder is encoder], again)


def print_fits(fits: Fits, held_out: Iterable[frozenset[str]]) -> None:
    """The constants, what is fitted on everything, and how far that depends on what is left out."""
    config, model = fits.of(frozenset())
    some = [fits.of(left_out)[0] for left_out in held_out]
    print("weights: default, fitted on everything, fitted without a source (5 % to 95 %)")
    for name in WEIGHTS:
        low, high = np.quantile([getattr(c, name) for c in some], [0.05, 0.95])
        default, fitted = getattr(E3MConfig(), name), getattr(config, name)
        print(f"  {name:16} {default:5.2f} {fitted:5.2f}  {low:.2f} to {high:.2f}")
    constants = [*model.coef_[0], *model.intercept_]
    print("confidence, fitted on everything: " + " ".join(f"{value:.2f}" for value in constants))


def print_encoder(asked: Sequence[Asked], again: Mapping[int, Outcome]) -> None:
    """The outcomes of one encoder, before and after."""
    print(f"\nencoder {asked[0].encoder.name}{'m_tIoU [90 %]       m_vIoU [90 %]':>60}")
    for name in dict.fromkeys(a.set for a in asked):
        of_set = [a for a in asked if a.set == name]
        before, after = [a.outcome for a in of_set], [again[id(a)] for a in of_set]
        print(line(f"{name}, default", before))
        print(line(f"{name}, leave one out", after))
        print(f"    {report(after)[0]}; {sure(after)}")
    everything = [again[id(a)] for a in asked]
    print(f"  all sets: {sure(everything)}; with the default {sure(a.outcome for a in asked)}")


def _sentence(query: Query | str) -> str:
    return query if isinstance(query, str) else query.sentence


if __name__ == "__main__":
    main()
