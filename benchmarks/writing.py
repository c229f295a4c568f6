"""How fast grounded videos are written: 30,000 frames, against FiftyOne's own fastest calls.

A hundred videos of 300 frames get a score on every frame and a tube on a hundred frames. The
baseline is what FiftyOne recommends for bulk edits, `set_values` per field, for the whole dataset
at once or per video, whichever is faster. Ours also writes the events, confidence, metadata and
status of each video. Every run starts with a dataset without frames, in a separate database.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import fiftyone as fo
import numpy as np

from fiftyone_e3m.dataset.labels import relevance_values, tube_labels
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.writing import write_answers, write_status
from fiftyone_e3m.e3m import Event, Grounding, Prototype, Tracks, Tube
from fiftyone_e3m.results import Answer
from fiftyone_e3m.video import Video

from .kill_server import Server

N_VIDEOS, N_FRAMES, N_BOXES = 100, 300, 100
WIDTH, HEIGHT = 1280, 720


def made_up(folder: Path) -> tuple[Video, Answer]:
    """A video with an empty file, and an answer."""
    path = folder / "video.mp4"
    path.touch()
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 400, (N_BOXES, 2))
    frames = np.arange(N_BOXES) + N_BOXES
    tube = Tube(
        first=N_BOXES,
        last=2 * N_BOXES - 1,
        frames=frames,
        xyxy=np.hstack([corner, corner + 200]),
        origin=(frames % 3).astype(np.int8),
        track=np.zeros(N_BOXES, int),
        confidence=rng.random(N_BOXES),
        relevance=rng.random(N_FRAMES),
        atomic=np.array([[0, 99], [100, 199], [200, 299]]),
        prototypes=np.arange(5) * 20 + N_BOXES,
    )
    grounding = Grounding(
        first=0,
        last=1,
        picks=np.zeros(2, int),
        relevance=np.ones(2),
        gamma=np.ones(2),
        scores=np.ones((1, 2)),
        certainty=np.ones(2),
        events=(Event(0, 1, 1.0, True),),
        prototypes=(Prototype(0, 0, (0.0, 0.0, 1.0, 1.0), 0.2),) * 5,
        iterations=1,
        converged=True,
    )
    none = np.zeros((1, 2), np.int8)
    tracks = Tracks(np.zeros((1, 2, 4), np.float32), none, none.astype(np.float32), ("person",))
    video = Video(path, N_FRAMES, 30.0, WIDTH, HEIGHT)
    return video, Answer("a man in a suit", tube, grounding, tracks, grounding.confidence)


def ours(dataset: fo.Dataset, fields: Fields, video: Video, answer: Answer) -> None:
    """Writes the answers as `ground` does."""
    for sample_id in dataset.values("id"):
        write_answers(dataset, fields, sample_id, video, [answer])
        write_status(dataset, fields, sample_id, "ok", "")


def all_at_once(dataset: fo.Dataset, fields: Fields, video: Video, answer: Answer) -> None:
    """Writes tube and score only, with one call each for the whole dataset."""
    ids = dataset.values("id")
    scores = {sample_id: dict(relevance_values([answer])) for sample_id in ids}
    dataset.set_values(f"frames.{fields.relevance}", scores, key_field="id")
    tubes = {sample_id: dict(tube_labels([answer], video)) for sample_id in ids}
    dataset.set_values(f"frames.{fields.tube}", tubes, key_field="id")


def plain(dataset: fo.Dataset, fields: Fields, video: Video, answer: Answer) -> None:
    """Writes tube and score only, with one call each per video."""
    for sample_id in dataset.values("id"):
        scores = {sample_id: dict(relevance_values([answer]))}
        dataset.set_values(f"frames.{fields.relevance}", scores, key_field="id")
        tubes = {sample_id: dict(tube_labels([answer], video))}
        dataset.set_values(f"frames.{fields.tube}", tubes, key_field="id")


WAYS: dict[str, Callable[[fo.Dataset, Fields, Video, Answer], None]] = {
    "ours, one video at a time": ours,
    "FiftyOne, all at once": all_at_once,
    "FiftyOne, one video at a time": plain,
}


def measure(repeats: int, n_videos: int) -> None:
    """Prints the seconds of each way and their ratio: medians over alternating runs."""
    fields = Fields("e3m")
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        video, answer = made_up(Path(folder))
        for turn in range(repeats + 1):
            for name, write in WAYS.items():
                dataset = fo.Dataset()
                paths = [f"{folder}/{i}.mp4" for i in range(n_videos)]
                dataset.add_samples([fo.Sample(filepath=path) for path in paths], progress=False)
                fields.declare(dataset, several_queries=False)
                start = time.perf_counter()
                write(dataset, fields, video, answer)
                if turn:  # the first one warms up
                    seconds[name].append(time.perf_counter() - start)
                dataset.delete()
    print(f"{n_videos} videos, {n_videos * N_FRAMES} frames, {n_videos * N_BOXES} boxes")
    for name, values in seconds.items():
        print(f"{name:30} {median(values):6.2f} s  ({min(values):.2f} to {max(values):.2f})")
    own, *others = (median(values) for values in seconds.values())
    print(f"ours against the faster of the others: {own / min(others):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--videos", type=int, default=N_VIDEOS)
    parser.add_argument("--in-child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_child:
        measure(options.repeats, options.videos)
    else:
        with tempfile.TemporaryDirectory() as home, Server(Path(home)) as server:
            again = [sys.executable, "-m", "benchmarks.writing", *sys.argv[1:], "--in-child"]
            own = {"FIFTYONE_DATABASE_URI": server.address}  # FiftyOne would join a running one
            subprocess.run(again, env={**os.environ, **own}, check=True)
