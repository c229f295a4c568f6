"""Where the time goes: our first query against a naive pipeline, the lower bound, and no shortcuts.

All ways run in one process, round by round, so that noise affects all alike; ratios are medians
over the rounds. The encoder is open_clip's ViT-B/32 with random weights, which cost as much as
trained ones.

Usage: python -m benchmarks.speed [--repeats 5] [--videos bikes ...]
       python -m benchmarks.speed --quick
       python -m benchmarks.speed --scaling
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import fiftyone as fo
import torch

from fiftyone_e3m.candidates import Survey, candidates_of
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.dataset.reading import video_metadata
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.writing import write_answers, write_status
from fiftyone_e3m.results import Answer
from fiftyone_e3m.sentences.unrelated import SENTENCES
from fiftyone_e3m.video import Video

from .scaling import scaling
from .shared_data import TIMED, path_of
from .stages import STAGES, Stages
from .ways import Models, floor, naive, ours

QUERY = "a man in a dark suit walks past"
DEFAULT = E3MConfig()
MORE_SKIPPING = E3MConfig(skip_change=0.3)
UNSPARED = E3MConfig(skip_change=0, extend_tracks=True)
QUICK = "davis_libby"
"""The clip of `--quick`: 49 frames of one dog."""
WAYS = {
    "ours": "ours, default, first query",
    "very first": "the same with the unrelated texts, read once per encoder",
    "naive": "naive: track, PIL crops, a batch per frame, argmax",
    "floor": "floor: the encoder on as many images as there are boxes, nothing else",
    "unspared": "ours, every picture encoded, tracks extended, no threads",
    "no threads": "ours, default, no threads",
    "more skipping": "ours, skip_change=0.3",
}


@dataclass
class Rounds:
    """Seconds of each way, round by round."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Runs one way once and records its time."""
        start = time.perf_counter()
        work()
        self.seconds.setdefault(name, []).append(time.perf_counter() - start)

    def median(self, name: str) -> float:
        return median(self.seconds[name])

    def ratio(self, name: str, other: str) -> float:
        """The median over rounds of the ratio of two ways."""
        pairs = zip(self.seconds[name], self.seconds[other], strict=True)
        return median(a / b for a, b in pairs)


def measure(name: str, path: Path, models: Models, n_rounds: int) -> None:
    """Prints the tables of one video."""
    video = Video.open(path)
    survey = Survey.of(video, models.detector, DEFAULT)
    boxes = [candidates_of(frame, video, DEFAULT) for frame in survey.detections]
    n_boxes = sum(map(len, boxes))
    rounds = Rounds()
    stages, naive_stages = ([Stages() for _ in range(n_rounds)] for _ in range(2))

    def ask(way: str, config: E3MConfig = DEFAULT, overlap: bool = True) -> None:
        encoder = models.encoder()
        reader = models.reader(encoder)
        rounds.run(way, lambda: ours(video, QUERY, models, encoder, config, overlap, reader=reader))

    def ask_naive(watch: Stages) -> None:
        naive(path, survey.sampled, boxes, QUERY, models, watch)

    n_threads = torch.get_num_threads()
    ask_naive(Stages())  # warms up what is created at the first call
    torch.set_num_threads(n_threads)  # ultralytics takes one away: give it back
    for watch, naive_watch in zip(stages, naive_stages, strict=True):
        rounds.run("naive", lambda watch=naive_watch: ask_naive(watch))  # type: ignore[misc]
        rounds.run("floor", lambda: floor(n_boxes, models))
        ask("ours")
        ask("no threads", overlap=False)
        ask("more skipping", MORE_SKIPPING)
        ask("unspared", UNSPARED, overlap=False)
        encoder = models.encoder()
        reader = models.reader(encoder, knows_unrelated=False)
        rounds.run("texts", lambda reader=reader: reader.unrelated)  # type: ignore[misc]
        reader = models.reader(encoder)
        with watch.watch(encoder, models.detector):
            start = time.perf_counter()
            answers = ours(video, QUERY, models, encoder, DEFAULT, False, reader=reader)
            watch.seconds["rest"] = time.perf_counter() - start - sum(watch.seconds.values())
        write(video, answers, watch)
    pairs = zip(rounds.seconds["ours"], rounds.seconds["texts"], strict=True)
    rounds.seconds["very first"] = [a + b for a, b in pairs]
    images = stages[0].items["encode images"]
    print(
        f"\n### {name}\n\n{video.duration:.1f} s of {video.width}x{video.height}, "
        f"{len(survey.sampled)} sampled frames, {n_boxes} boxes, {images} pictures encoded\n"
    )
    table(rounds)
    print(f"\nFirst query, stage by stage, no threads ({n_rounds} rounds):\n")
    stage_table(stages)
    print("\nNaive, stage by stage:\n")
    stage_table(naive_stages)


def table(rounds: Rounds) -> None:
    """The ways, and the ratios to report."""
    print("| way | seconds | ours / this |\n| --- | ---: | ---: |")
    for way, about in WAYS.items():
        print(f"| {about} | {rounds.median(way):.2f} | {rounds.ratio('ours', way):.2f} |")
    very_first = rounds.ratio("very first", "naive")
    print(f"\nWith the unrelated texts / naive: {very_first:.2f}")
    print(f"More skipping / floor: {rounds.ratio('more skipping', 'floor'):.2f}")


def stage_table(rounds: list[Stages]) -> None:
    """Seconds, share, calls and items of each stage: medians over the rounds."""
    seconds = {stage: median(watch.seconds[stage] for watch in rounds) for stage in STAGES}
    watch = rounds[0]
    whole = sum(seconds.values())
    print("| stage | seconds | share | calls | items |\n| --- | ---: | ---: | ---: | ---: |")
    for stage in STAGES:
        share = 100 * seconds[stage] / whole
        counts = f"{watch.calls[stage] or ''} | {watch.items[stage] or ''}"
        print(f"| {stage} | {seconds[stage]:.3f} | {share:.1f} % | {counts} |")


def write(video: Video, answers: list[Answer], watch: Stages) -> None:
    """Writes the answers to a temporary dataset."""
    dataset = fo.Dataset()
    try:
        sample = fo.Sample(filepath=str(video.path), metadata=video_metadata(video))
        dataset.add_sample(sample)
        fields = Fields("e3m")
        fields.declare(dataset, several_queries=False)
        with watch.stage("write", video.frame_count):
            write_answers(dataset, fields, sample.id, video, answers)
            write_status(dataset, fields, sample.id, "ok", "")
    finally:
        dataset.delete()


def main() -> None:
    """Prints the tables of each video."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--videos", nargs="+", default=TIMED)
    parser.add_argument("--quick", action="store_true", help="one round on one short clip")
    parser.add_argument("--scaling", action="store_true", help="how cost grows, and nothing else")
    arguments = parser.parse_args()
    models = Models()
    if arguments.scaling:
        return scaling(models.encoder(), arguments.repeats)
    names, n_rounds = arguments.videos, arguments.repeats
    if arguments.quick:
        names, n_rounds = [QUICK], 1
    print(f"{len(SENTENCES)} unrelated sentences are read once per encoder")
    for name in names:
        measure(name, path_of(name), models, n_rounds)
    return None


if __name__ == "__main__":
    main()
