"""Where the time goes: our first query against a naive pipeline, the floor, and ourselves unspared.

Everything runs in one process, round by round, so that noise hits all alike; ratios are medians of
the rounds. The encoder is open_clip's ViT-B/32 at random weights, which cost what trained ones do.

Usage: python benchmarks/speed.py [--rounds 5] [--videos bikes ...] [--figure stages.png]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import fiftyone as fo
from naive_speed import Models, floor, naive
from shared_data import ROOT
from stages import STAGES, Stages, draw

from fiftyone_e3m.cache import Cache
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.dataset.reading import video_metadata
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.writing import write_answers, write_status
from fiftyone_e3m.demo import demo_video
from fiftyone_e3m.pipeline import candidates_of, ground_survey
from fiftyone_e3m.references import NOUNS, SENTENCES, references_of
from fiftyone_e3m.results import Answer
from fiftyone_e3m.survey import Survey
from fiftyone_e3m.video import Video

FIRST, SECOND = "a man in a dark suit walks past", "a white dog jumps over a bar"
DEFAULT = E3MConfig()
MORE_SKIPPING = E3MConfig(skip_change=0.3, skip_seconds=2)
UNSPARED = E3MConfig(skip_change=0, extend_tracks=True)
JOINED = ("camel-dogsjump-swan", "swan-breakdance-camel")


def ours(
    video: Video,
    query: str,
    models: Models,
    config: E3MConfig,
    overlap: bool = True,
    cache: Cache | None = None,
) -> list[Answer]:
    """Grounds a sentence as `ground` does, without FiftyOne."""
    survey = Survey.of(video, models.detector, config, cache, overlap)
    return ground_survey(survey, [query], models.encoder, config, cache, overlap)[0]


@dataclass
class Rounds:
    """Seconds of each way to do it, round by round."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Does it once, and notes how long it took."""
        start = time.perf_counter()
        work()
        self.seconds.setdefault(name, []).append(time.perf_counter() - start)

    def median(self, name: str) -> float:
        return median(self.seconds[name])

    def ratio(self, name: str, other: str) -> float:
        """The median over rounds of one against the other."""
        pairs = zip(self.seconds[name], self.seconds[other], strict=True)
        return median(a / b for a, b in pairs)


def further(path: Path, folder: Path) -> dict[str, float]:
    """Seconds of a further query in a new process that finds everything on disk."""
    command = [sys.executable, __file__, "--further", str(path), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def answer_further(path: Path, folder: Path) -> None:
    """The new process: loads the models, asks, and prints the seconds of both."""
    start = time.perf_counter()
    models = Models()
    loaded = time.perf_counter()
    video, cache = Video.open(path), Cache(folder, 2**31)
    ours(video, SECOND, models, DEFAULT, cache=cache)
    asked = time.perf_counter()
    print(json.dumps({"load": loaded - start, "query": asked - loaded}))


def measure(name: str, path: Path, models: Models, n_rounds: int) -> dict[str, dict[str, float]]:
    """Prints the tables of one video, and returns the bars of the figure."""
    video = Video.open(path)
    survey = Survey.of(video, models.detector, DEFAULT)
    boxes = [candidates_of(frame, video, DEFAULT) for frame in survey.detections]
    n_boxes = sum(map(len, boxes))
    rounds, stages = Rounds(), [Stages() for _ in range(n_rounds)]
    naive(path, survey.sampled, boxes, FIRST, models)  # warms up what is made at the first call
    with tempfile.TemporaryDirectory() as folder:
        for watch in stages:
            rounds.run("naive", lambda: naive(path, survey.sampled, boxes, FIRST, models))
            rounds.run("floor", lambda: floor(n_boxes, models))
            rounds.run("ours", lambda: ours(video, FIRST, models, DEFAULT))
            rounds.run("no threads", lambda: ours(video, FIRST, models, DEFAULT, overlap=False))
            rounds.run("more skipping", lambda: ours(video, FIRST, models, MORE_SKIPPING))
            rounds.run("unspared", lambda: ours(video, FIRST, models, UNSPARED, overlap=False))
            with watch.watch(models.detector):
                start = time.perf_counter()
                answers = ours(video, FIRST, models, DEFAULT, overlap=False)
                watch.seconds["rest"] = time.perf_counter() - start - sum(watch.seconds.values())
            write(video, answers, watch)
        cache = Cache(Path(folder), 2**31)
        ours(video, FIRST, models, DEFAULT, cache=cache)
        times = [further(path, Path(folder)) for _ in range(n_rounds)]
    rounds.seconds["further"] = [t["query"] for t in times]
    load = median(t["load"] for t in times)
    images = stages[0].items["encode images"]
    print(
        f"\n### {name}\n\n{video.duration:.1f} s of {video.width}x{video.height}, "
        f"{len(survey.sampled)} sampled frames, {n_boxes} boxes, {images} pictures encoded\n"
    )
    table(rounds, load)
    by_stage = {s: median(watch.seconds[s] for watch in stages) for s in STAGES}
    print()
    stage_table(by_stage, stages[0])
    return {
        f"{name}: ours": by_stage,
        f"{name}: naive": {"rest": rounds.median("naive")},
        f"{name}: floor": {"encode images": rounds.median("floor")},
    }


def table(rounds: Rounds, load: float) -> None:
    """The ways to do it, and their ratios to ours."""
    print("| way | seconds | ours / this |\n| --- | ---: | ---: |")
    about = {
        "ours": "ours, default, first query",
        "naive": "naive: track, PIL crops, a batch per frame, argmax",
        "floor": "floor: the encoder on as many images as there are boxes, nothing else",
        "unspared": "ours, every picture encoded, tracks extended, no threads",
        "no threads": "ours, default, no threads",
        "more skipping": "ours, skip_change=0.3, skip_seconds=2",
        "further": f"ours, another sentence in a new process (models load in {load:.1f} s)",
    }
    for name, text in about.items():
        print(f"| {text} | {rounds.median(name):.2f} | {rounds.ratio('ours', name):.2f} |")
    print(f"\nmore skipping / floor: {rounds.ratio('more skipping', 'floor'):.2f}")


def stage_table(seconds: dict[str, float], watch: Stages) -> None:
    """Seconds, share, calls and items of each stage, without threads."""
    whole = sum(seconds.values())
    print("| stage | seconds | share | calls | items |\n| --- | ---: | ---: | ---: | ---: |")
    for stage in STAGES:
        share = 100 * seconds[stage] / whole
        counts = f"{watch.calls[stage] or ''} | {watch.items[stage] or ''}"
        print(f"| {stage} | {seconds[stage]:.3f} | {share:.1f} % | {counts} |")


def write(video: Video, answers: list[Answer], watch: Stages) -> None:
    """Writes the answers into a dataset that is deleted again."""
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
    """Prints the tables of each video and draws the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--videos", nargs="+", default=["bikes", *JOINED])
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--further", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.further:
        return answer_further(*arguments.further)
    models = Models()
    start = time.perf_counter()
    references_of(models.encoder)
    seconds, n = time.perf_counter() - start, len(SENTENCES) + len(NOUNS)
    print(f"{n} unrelated texts, once per encoder and kept on disk: {seconds:.1f} s")
    bars = {}
    for name in arguments.videos:
        path = ROOT / "data" / "joined" / name / "video.mp4"
        path = Path(demo_video()) if name == "bikes" else path
        bars.update(measure(name, path, models, arguments.rounds))
    if arguments.figure:
        draw(bars, arguments.figure)
    return None


if __name__ == "__main__":
    main()
