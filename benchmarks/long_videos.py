"""Events of 5 to 15 seconds in films of an hour: whether they are found, and what that costs.

An event counts as *near* if the answer overlaps it or ends or begins at most 5 seconds away, as
*met* if the middle of the answer lies in it or at most 5 seconds away (so the whole film is no
answer), and its start as right if it is off by at most 5 seconds.

Costs are means per film: pictures decoded, frames shown to the detector, pictures encoded, and CPU
seconds. A model is shown each picture once, however many variants ask for it; every time counts as
much as the first on average. The last two columns are CPU seconds relative to the first variant,
for one sentence and for all sentences of a film at once.

Usage: python -m benchmarks.long_videos [--films 3] [--events 4]
           [--encoders bundled flickr8k taught] [--variants coarse ...]
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import Detector, Survey, load_detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.evaluation.metrics import TimedBoxes, tiou, viou
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Image, Video, file

from .films import RATE, films
from .outcomes import timed
from .scenes import MemoEncoder, load
from .shared_data import DETECTOR, Item, Query, require_shared
from .taught import taught

WITHIN = 5.0
"""Seconds that an answer may be off."""
VARIANTS: dict[str, E3MConfig] = {
    "coarse": E3MConfig(),
    "zoom=True": E3MConfig(zoom=True),
    "600 frames": E3MConfig(max_frames=600),
    "600 frames, zoom": E3MConfig(max_frames=600, zoom=True),
}
"""One look at 200 frames; another one at the event besides; both at three times as many frames."""


class MemoDetector:
    """A detector that memoises frames, so that a variant waits only for the frames that are new.

    Attributes:
        asked: number of frames that it was shown.
    """

    def __init__(self, detector: Detector) -> None:
        self.asked = 0
        self.name = detector.name
        self._detector = detector
        self._known: dict[bytes, Boxes] = {}

    def detect(self, frames: Sequence[Image]) -> list[Boxes]:
        self.asked += len(frames)
        keys = [hashlib.blake2b(frame.tobytes(), digest_size=16).digest() for frame in frames]
        new = [i for i, key in enumerate(keys) if key not in self._known]
        if new:
            for i, boxes in zip(new, self._detector.detect([frames[i] for i in new]), strict=True):
                self._known[keys[i]] = boxes
        return [self._known[key] for key in keys]


@dataclass
class Cost:
    """What was done: pictures decoded, frames detected, pictures encoded, and CPU seconds."""

    decoded: float = 0
    detected: float = 0
    encoded: float = 0
    seconds: float = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(self.parts, other.parts, strict=True)))

    def __sub__(self, other: Cost) -> Cost:
        return Cost(*(a - b for a, b in zip(self.parts, other.parts, strict=True)))

    def __mul__(self, times: float) -> Cost:
        return Cost(*(part * times for part in self.parts))

    @property
    def parts(self) -> tuple[float, float, float, float]:
        return self.decoded, self.detected, self.encoded, self.seconds


class Slow:
    """A model whose calls are timed.

    Args:
        model: an encoder or a detector.
        method: the name of the method that is timed.

    Attributes:
        seconds: CPU seconds of all calls.
        items: pictures of all calls.
    """

    def __init__(self, model: Any, method: str) -> None:
        self.seconds, self.items = 0.0, 0
        self._model = model
        self._work = getattr(model, method)
        setattr(self, method, self._timed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def _timed(self, items: Any) -> Any:
        start = time.process_time()
        result = self._work(items)
        self.seconds += time.process_time() - start
        self.items += len(items)
        return result

    @property
    def each(self) -> float:
        """Mean CPU seconds of a picture."""
        return self.seconds / max(1, self.items)


@dataclass
class Workshop:
    """The models, and what they were asked for."""

    slow_detector: Slow
    surveys: dict[object, tuple[Survey, Cost]] = field(default_factory=dict)
    detector: MemoDetector = field(init=False)
    slow_encoder: Slow = field(init=False)
    encoder: MemoEncoder = field(init=False)
    decoded: int = 0

    def __post_init__(self) -> None:
        self.detector = MemoDetector(self.slow_detector)

    def hire(self, encoder: Slow) -> None:
        """Takes another encoder."""
        self.slow_encoder, self.encoder = encoder, MemoEncoder(encoder)

    @contextmanager
    def watched(self) -> Iterator[Cost]:
        """A context whose cost is known when it ends."""
        cost, pictures = Cost(), file.pictures

        def counted(*where: Any) -> Iterator[Any]:
            for picture in pictures(*where):
                self.decoded += 1
                yield picture

        before, start = self._counts(), time.process_time()
        models = self.slow_encoder.seconds + self.slow_detector.seconds
        with mock.patch.object(file, "pictures", counted):
            yield cost
        spent = time.process_time() - start
        spent -= self.slow_encoder.seconds + self.slow_detector.seconds - models
        done = [int(b - a) for a, b in zip(before, self._counts(), strict=True)]
        cost.decoded, cost.detected, cost.encoded = done
        spent += cost.detected * self.slow_detector.each + cost.encoded * self.slow_encoder.each
        cost.seconds = spent

    def _counts(self) -> tuple[int, int, int]:
        return self.decoded, self.detector.asked, self.encoder.asked


@dataclass(frozen=True)
class Found:
    """What came of a sentence.

    Attributes:
        tiou: overlap in time.
        viou: overlap of the tubes.
        gap: seconds between answer and event; 0 if they overlap.
        off: seconds between the middle of the answer and the event; 0 if it lies in it.
        late: seconds between the two starts; negative if the answer is early.
        span: start and end of the answer, in seconds.
        kind: "shot" or "passing", see `films`.
    """

    tiou: float
    viou: float
    gap: float
    off: float
    late: float
    span: str
    kind: str

    @classmethod
    def of(cls, answer: TimedBoxes, query: Query) -> Found:
        """Compares an answer with the truth of a query."""
        truth = query.truth
        middle = (answer.first + answer.last) / 2
        return cls(
            tiou(answer, truth),
            viou(answer, truth),
            max(0, answer.first - truth.last, truth.first - answer.last) / RATE,
            max(0.0, middle - truth.last, truth.first - middle) / RATE,
            (answer.first - truth.first) / RATE,
            span(answer),
            query.tags[-1],
        )


@dataclass
class Run:
    """A variant in one film.

    Attributes:
        found: what came of each sentence.
        one: cost of the first sentence, on average.
        all: cost of all sentences.
    """

    found: list[Found]
    one: Cost
    all: Cost


def run(film: Item, workshop: Workshop, config: E3MConfig) -> Run:
    """Grounds all sentences of a film."""
    sentences = [query.sentence for query in film.queries]
    pipeline = Pipeline(workshop.encoder, config, overlap=False, reader=workshop.encoder.reader)
    key = film.path, repr(config.marked("regions"))
    if key not in workshop.surveys:
        with workshop.watched() as cost:
            workshop.surveys[key] = (
                pipeline.survey(Video.open(film.path), workshop.detector, queries=sentences),
                cost,
            )
    survey, surveying = workshop.surveys[key]
    with workshop.watched() as looking:
        pipeline.look(survey, sentences)
    with workshop.watched() as answering:
        answers, _ = pipeline.ground(survey, sentences)
    found = [
        Found.of(timed(answer.tube), query)
        for answer, query in zip(answers, film.queries, strict=True)
    ]
    each = (answering - looking) * (1 / len(sentences))
    return Run(found, surveying + looking + each, surveying + answering)


def row(name: str, runs: Sequence[Run], base: Sequence[Run]) -> str:
    """A line of the table."""
    one, every = (sum((getattr(r, a) for r in runs), Cost()) for a in ("one", "all"))
    one_base, every_base = (sum((getattr(r, a) for r in base), Cost()) for a in ("one", "all"))
    cells = [
        *quality([f for r in runs for f in r.found]),
        *(f"{part / len(runs):.0f}" for part in one.parts),
        f"{one.seconds / one_base.seconds:.2f}",
        f"{every.seconds / every_base.seconds:.2f}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def quality(found: Sequence[Found]) -> list[str]:
    """The columns of the table that say how right answers are."""
    return [
        f"{np.mean([f.tiou for f in found]):.3f}",
        f"{np.mean([f.viou for f in found]):.3f}",
        *(
            f"{np.mean([abs(getattr(f, a)) <= WITHIN for f in found]):.2f}"
            for a in ("gap", "off", "late")
        ),
        f"{np.median([abs(f.late) for f in found]):.1f}",
    ]


def by_kind(name: str, runs: Sequence[Run]) -> Iterator[str]:
    """A line for the events that are shots, and one for the passings."""
    for kind in ("shot", "passing"):
        found = [f for r in runs for f in r.found if f.kind == kind]
        if found:
            cells = quality(found)
            cells += [""] * (len(HEAD) - len(cells))
            yield f"| {name}, {len(found)} {kind}s | {' | '.join(cells)} |"


HEAD = (
    *("m_tIoU", "m_vIoU", "near", "met", "start right", "start off, s"),
    *("decoded", "detected", "encoded", "CPU s", "cost, one", "cost, all"),
)


def main() -> None:
    """Prints a table for each encoder, then every event."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--films", type=int, default=3)
    parser.add_argument("--events", type=int, default=4)
    parser.add_argument("--encoders", nargs="+", default=["bundled", "flickr8k"])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    arguments = parser.parse_args()
    require_shared()
    made = films(arguments.films, arguments.events)
    detector = load_detector(str(DETECTOR))
    workshop = Workshop(Slow(detector, "detect"))
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.encoders:
            encoder = load("bundled" if name == "taught" else name, folder)
            if name == "taught":
                encoder = taught(encoder, detector, [q for film in made for q in film.queries])
            workshop.hire(Slow(encoder, "encode_images"))
            runs: dict[str, list[Run]] = {}
            print(f"\n### {name}, {len(made)} films, {sum(len(f.queries) for f in made)} events\n")
            print(f"| variant | {' | '.join(HEAD)} |\n| --- |" + " ---: |" * len(HEAD), flush=True)
            for variant in arguments.variants:
                runs[variant] = [run(film, workshop, VARIANTS[variant]) for film in made]
                print(row(variant, runs[variant], next(iter(runs.values()))), flush=True)
            for variant in arguments.variants:
                print("\n".join(by_kind(variant, runs[variant])))
            print_events(made, runs)


def print_events(made: Sequence[Item], runs: Mapping[str, Sequence[Run]]) -> None:
    """Start and end of every event and of the answers to it, in seconds."""
    print(f"\n| film | sentence | true | {' | '.join(runs)} |\n| --- | --- | --- |", end="")
    print(" --- |" * len(runs))
    for i, film in enumerate(made):
        for j, query in enumerate(film.queries):
            answers = [f"{r[i].found[j].span} ({r[i].found[j].tiou:.2f})" for r in runs.values()]
            true = span(query.truth)
            print(f"| {film.name[:7]} | {query.sentence} | {true} | {' | '.join(answers)} |")


def span(tube: TimedBoxes) -> str:
    """Start and end in seconds."""
    return f"{tube.first / RATE:.0f}-{(tube.last + 1) / RATE:.0f}"


if __name__ == "__main__":
    main()
