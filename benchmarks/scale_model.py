"""What a thousand to a million videos take: hours, workers, GPU seconds, database writes and bytes.

Costs per video are measured on a short run in this process: each stage, the processor time of the
database, its documents, bytes and operations, and what the process that owns the run does for each
video. From them follows how long any number of workers takes for any number of videos, and what is
full first. The prediction is checked against runs of one and two workers of Ray on this machine.

Videos are drawn, models are the tests' stand-ins that burn CPU, the database is a separate one. For
videos and models of your own, give seconds per video as `make bench-speed` prints them.

Usage: python -m benchmarks.scale_model [--videos 60] [--decode S] [--detect S] [--encode S]
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from .kill_server import Server

SIZES = (1_000, 10_000, 100_000, 1_000_000)
DAY = 24 * 3600
SERVER_CORES = 4
"""Cores of the database's machine in the table; in the check it shares this machine's."""
LEVERS = {
    "decode": "fewer max_frames, or smaller files: decoding is the workers' largest part",
    "detect": "boxes that are there already (boxes_field), fewer max_frames, or a GPU",
    "encode": "a GPU (half precision is automatic), a smaller encoder, or fewer max_boxes",
    "write": "a database nearer to the workers: each video waits for a few round trips",
    "rest": "more workers: association and EM run on the CPU",
}


@dataclass(frozen=True)
class Costs:
    """What one video costs, and what a run costs besides.

    Attributes:
        stages: seconds of a worker, by stage.
        once: seconds of a run before its first video and after its last.
        owner: processor seconds of the process that owns the run.
        server: processor seconds of the database.
        operations: commands to the database.
        documents: documents that it is afterwards, samples and frames.
        size: bytes of these documents.
    """

    stages: Mapping[str, float]
    once: float
    owner: float
    server: float
    operations: float
    documents: float
    size: float

    @property
    def worker(self) -> float:
        """Seconds that a worker is busy."""
        return sum(self.stages.values())

    @property
    def model(self) -> float:
        """Seconds of detector and encoder: those of a GPU, if they run on one."""
        return self.stages["detect"] + self.stages["encode"]

    def seconds(self, n: int, workers: int, cores: int | None = None) -> float:
        """Seconds of a run.

        Args:
            n: number of videos.
            workers: number of workers, with a core each.
            cores: those of the one machine that workers, owner and database share; None if each
                has its own.
        """
        limits = [self.worker / workers, self.owner, self.server / SERVER_CORES]
        if cores is not None:
            limits.append((self.worker + self.owner + self.server) / cores)
        alone = self.worker / 2 if workers > 1 else 0  # the last of them waits for no other
        return self.once + n * max(limits) + alone

    @property
    def most_workers(self) -> tuple[int, str]:
        """Number of workers from which another part is full, and which."""
        limits = {
            "MongoDB": self.server / SERVER_CORES,
            "the process that owns the run": self.owner,
        }
        name = max(limits, key=lambda part: limits[part])
        return max(1, int(self.worker / limits[name])), name


def measure(videos: list[Path], server: psutil.Process) -> Costs:
    """The costs of one video, from a run of this process over some."""
    from fiftyone_e3m.dataset.active import ActiveRun
    from fiftyone_e3m.dataset.writer import Writer

    from .stages import Part, Stages

    watch = Stages()
    models = load_models()
    parts: list[Part] = [
        (Writer, "write", "write", lambda *_: 1),
        (ActiveRun, "note", "own", lambda *_: 1),
        (ActiveRun, "stop_requested", "own", lambda *_: 1),
        (ActiveRun, "start", "once", lambda *_: 1),
        (ActiveRun, "finish", "once", lambda *_: 1),
    ]
    with dataset_of(videos) as dataset:
        before, busy = operations(), cpu(server)
        with watch.watch(*models.values(), *parts):
            summary = ground(dataset, models, "local")
        n, total = len(videos), sum(watch.seconds.values())
        rest = summary.seconds - total
        stages = {
            "decode": watch.seconds["decode"] + watch.seconds["cuts"],
            "detect": watch.seconds["detect"],
            "encode": watch.seconds["encode images"] + watch.seconds["encode texts"],
            "write": watch.seconds["write"],
            "rest": rest + watch.seconds["crop"] + watch.seconds["Kalman"] + watch.seconds["EM"],
        }
        documents, size = stored(dataset)
        return Costs(
            stages={name: seconds / n for name, seconds in stages.items()},
            once=watch.seconds["once"],
            owner=watch.seconds["own"] / n,
            server=(cpu(server) - busy) / n,
            operations=(operations() - before) / n,
            documents=documents / n,
            size=size / n,
        )


def load_models() -> dict[str, Any]:
    """Stand-ins that burn CPU in one thread; workers import them by name."""
    worker_models = importlib.import_module("worker_models")
    return {"encoder": worker_models.BusyEncoder(), "detector": worker_models.Detector()}


def ground(
    dataset: Any, models: Mapping[str, Any], engine: Literal["local", "ray"], workers: int = 1
) -> Any:
    """The summary of a run over all videos."""
    import fiftyone_e3m as e3m

    summary = e3m.ground(
        dataset,
        "a red box",
        encoder=models["encoder"],
        detector=models["detector"],
        cache=False,
        overlap=False,
        progress=False,
        engine=engine,
        ray=e3m.RayOptions(num_workers=workers),
    )
    if set(summary.counts) != {"ok"}:
        raise SystemExit(str(summary))
    return summary


@contextmanager
def dataset_of(videos: list[Path]) -> Iterator[Any]:
    """A dataset of some videos, which is deleted afterwards."""
    import fiftyone as fo

    dataset = fo.Dataset()
    dataset.add_samples([fo.Sample(filepath=str(path)) for path in videos], progress=False)
    try:
        yield dataset
    finally:
        dataset.delete()


def cpu(process: psutil.Process) -> float:
    """Processor seconds of a process so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def operations() -> int:
    """Commands that the database was given so far."""
    import fiftyone.core.odm as foo

    return sum(foo.get_db_conn().client.admin.command("serverStatus")["opcounters"].values())


def stored(dataset: Any) -> tuple[int, int]:
    """Number and bytes of the documents of samples and frames."""
    import fiftyone.core.odm as foo

    names = dataset._doc.sample_collection_name, dataset._doc.frame_collection_name
    stats = [foo.get_db_conn().command("collStats", name) for name in names]
    return sum(each["count"] for each in stats), sum(each["size"] for each in stats)


def check(costs: Costs, videos: list[Path]) -> list[float]:
    """Prints the prediction beside runs of one and two workers; by which share it is wrong."""
    print("\n| workers | predicted, s | measured, s | wrong by |\n| --- | ---: | ---: | ---: |")
    wrong = []
    for workers in (1, 2):
        with dataset_of(videos) as dataset:
            measured = ground(dataset, load_models(), "ray", workers).seconds
        predicted = costs.seconds(len(videos), workers, os.cpu_count())
        wrong.append(predicted / measured - 1)
        print(f"| {workers} | {predicted:.1f} | {measured:.1f} | {wrong[-1]:+.0%} |", flush=True)
    return wrong


def tell(costs: Costs) -> None:
    """Prints the costs of a video, and what follows for many."""
    stages = ", ".join(f"{name} {seconds:.3f}" for name, seconds in costs.stages.items())
    print(f"a video: {costs.worker:.3f} s of a worker ({stages})")
    print(f"  {costs.once:.2f} s once in a run")
    print(f"  {1000 * costs.owner:.1f} ms of the owner, {1000 * costs.server:.1f} ms of MongoDB")
    print(f"  {costs.operations:.0f} commands, {costs.documents:.0f} documents, {costs.size:.0f} B")
    most, full = costs.most_workers
    print(
        "\n| videos | one worker, h | workers for a day | model s | commands | GB |\n"
        "| ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    for n in SIZES:
        hours = costs.seconds(n, 1) / 3600
        for_a_day = next((w for w in range(1, most + 1) if costs.seconds(n, w) <= DAY), None)
        cells = [f"{n:,}", f"{hours:,.1f}", str(for_a_day or f"{most} are too few")]
        cells += [f"{n * costs.model:,.0f}", f"{n * costs.operations:,.0f}"]
        print("|", " | ".join([*cells, f"{n * costs.size / 1e9:.2f}"]), "|")
    largest = max(costs.stages, key=lambda name: costs.stages[name])
    print(f"\nfirst bottleneck: {largest}. Lever: {LEVERS[largest]}.")
    print(f"from {most:,} workers on, {full} is full ({SERVER_CORES} cores for MongoDB).")


def run(options: argparse.Namespace, server: psutil.Process) -> None:
    """Measures, checks and tells; fails if the check does."""
    from .load import SECOND, draw
    from .memory import load_stand_ins

    with tempfile.TemporaryDirectory() as name:
        videos = [Path(name) / f"{n}.mp4" for n in range(options.videos)]
        draw(videos[0], SECOND, load_stand_ins())
        for path in videos[1:]:
            path.write_bytes(videos[0].read_bytes())
        measure(videos[:3], server)  # warms up
        costs = measure(videos, server)
        tell(costs)
        wrong = check(costs, videos)
    own = {part: getattr(options, part) for part in ("decode", "detect", "encode")}
    own = {part: seconds for part, seconds in own.items() if seconds is not None}
    if own:
        print("\nwith", ", ".join(f"{part} {seconds:g} s" for part, seconds in own.items()))
        tell(dataclasses.replace(costs, stages={**costs.stages, **own}))
    if max(map(abs, wrong)) > 0.15:
        raise SystemExit("The prediction is wrong by more than 15 %.")


def main() -> None:
    """Runs the benchmark in a process with a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=60)
    for part in ("decode", "detect", "encode"):
        parser.add_argument(f"--{part}", type=float, help="seconds per video")
    parser.add_argument("--server", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.server:
        run(options, psutil.Process(options.server))
        return
    models = Path(__file__).parents[1] / "tests" / "engines"
    paths = [str(models), str(models.parents[1]), os.environ.get("PYTHONPATH", "")]
    with tempfile.TemporaryDirectory() as home, Server(Path(home)) as server:
        environment = {
            **os.environ,
            "FIFTYONE_DATABASE_URI": server.address,  # FiftyOne would join a running one
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(paths),  # for the workers
        }
        again = [sys.executable, "-m", "benchmarks.scale_model", *sys.argv[1:]]
        again += ["--server", str(server.pid)]
        subprocess.run(again, env=environment, check=True)


if __name__ == "__main__":
    main()
