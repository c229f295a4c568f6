"""What it brings to know when: the set real with found, true and displaced times of the events.

Usage: python -m benchmarks.given_times [--encoder bundled]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fiftyone_e3m.candidates import load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Window
from fiftyone_e3m.evaluation.metrics import TimedBoxes, summarise, tiou, viou
from fiftyone_e3m.pipeline import Pipeline

from .outcomes import timed
from .scenes import MemoEncoder, Prepared, items, load, prepare
from .shared_data import DETECTOR

SPREADS = (0.1, 0.2, 0.35, 0.5)
"""Standard deviations of an end's error, as shares of the event's length."""
DRAWS = 2

Give = Callable[[TimedBoxes, int], Window | None]
"""The window of an event, given its truth and the number of frames of the video."""


def score(prepared: Sequence[Prepared], encoder: MemoEncoder, give: Give) -> np.ndarray:
    """m_tIoU and m_vIoU over all sentences of a set."""
    config, tious, vious = E3MConfig(), [], []
    pipeline = Pipeline(encoder, config, reader=encoder.reader)
    for p in prepared:
        queries, n_frames = p.item.queries, p.survey.video.frame_count
        windows = [give(query.truth, n_frames) for query in queries]
        sentences = [query.sentence for query in queries]
        answers = pipeline.answer(p.scene(encoder, config), sentences, windows)
        for answer, query in zip(answers, queries, strict=True):
            tube = timed(answer.tube)
            tious.append(tiou(tube, query.truth))
            vious.append(viou(tube, query.truth))
    scores = summarise(tious, vious)
    return np.array([scores.m_tiou, scores.m_viou])


def displaced(spread: float, seed: int, exact: bool) -> Give:
    """Windows with both ends moved at random, by a normal distribution; never empty."""
    rng = np.random.default_rng(seed)

    def give(truth: TimedBoxes, n_frames: int) -> Window:
        errors = rng.normal(0, spread * (truth.last - truth.first + 1), 2).round().astype(int)
        first, last = np.clip(
            np.array([truth.first, truth.last]) + errors, 0, n_frames - 1
        ).tolist()
        return Window(((min(first, last), max(first, last)),), exact)

    return give


def main() -> None:
    """Prints both tables of docs/quality.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="bundled", choices=["bundled", "flickr8k"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        detector = load_detector(str(DETECTOR))
        prepared = prepare(items("real", Path(folder)), detector, E3MConfig())
        encoder = MemoEncoder(load(arguments.encoder, folder))
        given = {
            "found": lambda truth, n_frames: None,
            "true events as a prior": displaced(0, 0, exact=False),
            "true events as a window": displaced(0, 0, exact=True),
        }
        print("| time | m_tIoU | m_vIoU |\n| --- | --- | --- |")
        for name, give in given.items():
            m_tiou, m_viou = score(prepared, encoder, give)
            print(f"| {name} | {m_tiou:.3f} | {m_viou:.3f} |", flush=True)
        print("\n| ends off by | window | prior |\n| --- | --- | --- |")
        for spread in SPREADS:
            cells = []
            for exact in (True, False):
                draws = [displaced(spread, seed, exact) for seed in range(DRAWS)]
                m_tiou, m_viou = np.mean([score(prepared, encoder, g) for g in draws], axis=0)
                cells.append(f"{m_tiou:.3f} / {m_viou:.3f}")
            print(f"| {spread} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
