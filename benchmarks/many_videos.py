"""What a thousand to a million grounded videos do to the database, the panels and the views.

The samples are copies of one grounded sample, put into a database of its own without their frames;
nothing here reads frames.

Usage: python -m benchmarks.many_videos [--videos 1000 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import copy
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .kill_server import Server

SENTENCE = "a man in a suit"
SIZES = [1_000, 10_000, 100_000, 1_000_000]
BATCH = 20_000
"""Documents that are inserted together."""


def new_dataset(n: int) -> Any:
    """A dataset of grounded videos, whose confidences are random."""
    import fiftyone as fo
    from bson import ObjectId

    from fiftyone_e3m.dataset.schema import Fields

    dataset = fo.Dataset()
    sample = fo.Sample(filepath="/videos/0.mp4", e3m_status="ok", e3m_confidence=0.5)
    event = fo.TemporalDetection(label=SENTENCE, support=[10, 60], confidence=0.5)
    sample["e3m_events"] = fo.TemporalDetections(detections=[event])
    sample.metadata = fo.VideoMetadata(frame_rate=25, total_frame_count=250)
    dataset.add_sample(sample)
    Fields("e3m").declare(dataset, several_queries=False)
    documents, random = dataset._sample_collection, np.random.default_rng(0)
    (first,) = documents.find()
    for start in range(1, n, BATCH):
        batch = [copy.deepcopy(first) for _ in range(start, min(start + BATCH, n))]
        for number, each in enumerate(batch, start):
            confidence = float(random.random())
            each |= {"_id": ObjectId(), "filepath": f"/videos/{number}.mp4"}
            each["e3m_confidence"] = confidence
            each["e3m_events"]["detections"][0] |= {"_id": ObjectId(), "confidence": confidence}
        documents.insert_many(batch, ordered=False)
    dataset.reload()
    return dataset


def actions(dataset: Any) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    from fiftyone_e3m.dataset.checks import LARGEST
    from fiftyone_e3m.dataset.reading import labels_of
    from fiftyone_e3m.dataset.records import start_run
    from fiftyone_e3m.dataset.runs import interrupted_run
    from fiftyone_e3m.request import Request
    from fiftyone_e3m.review.overview import latest_change, read_overview
    from fiftyone_e3m.review.queue import next_in_queue
    from fiftyone_e3m.review.saved_views import between, unsure_first

    settings = Request(SENTENCE, encoder="bundled").settings
    ids = dataset.limit(LARGEST).values("id")
    here = dataset.first()
    unsure, bar = unsure_first(dataset, "e3m"), between(dataset, "e3m", 0.3, 0.35)
    return {
        "get_field_schema": lambda: dataset.get_field_schema(flat=True),
        "overview: has anything changed?": lambda: latest_change(dataset),
        "overview: all of it": lambda: read_overview(dataset, "e3m"),
        "next sentence of the review": lambda: next_in_queue(dataset, "e3m", here.id, SENTENCE),
        "first page of the least confident": lambda: unsure.limit(20).values("id"),
        "first page of a bar": lambda: bar.limit(20).values("id"),
        f"a run begins (at most {LARGEST:,})": lambda: start_run(labels_of(dataset, ids), settings),
        "an interrupted run is found": lambda: interrupted_run(dataset, settings, ids),
    }


def run(sizes: list[int]) -> None:
    """Prints a row per action, with a column per size."""
    seconds: dict[str, list[float]] = {}
    stored = []
    for n in sizes:
        dataset = new_dataset(n)
        stats = dataset._sample_collection.database.command(
            "collStats", dataset._sample_collection.name
        )
        stored.append((stats["size"], stats["totalIndexSize"]))
        for name, action in actions(dataset).items():
            start = time.perf_counter()
            action()
            seconds.setdefault(name, []).append(time.perf_counter() - start)
        dataset.delete()
    print("| seconds, by number of videos |", " | ".join(f"{n:,}" for n in sizes), "|")
    print("| --- |", " | ".join(["---:"] * len(sizes)), "|")
    for name, each in seconds.items():
        print(f"| {name} |", " | ".join(f"{value:.3f}" for value in each), "|")
    for name, column in (("samples, MB", 0), ("indexes, MB", 1)):
        print(f"| {name} |", " | ".join(f"{row[column] / 1e6:.1f}" for row in stored), "|")


def main() -> None:
    """Runs the benchmark in a process with a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--videos", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000]
    )
    parser.add_argument("--in-child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_child:
        run(options.videos)
        return
    with tempfile.TemporaryDirectory() as home, Server(Path(home)) as server:
        own = {"FIFTYONE_DATABASE_URI": server.address}  # FiftyOne would join a running one
        again = [sys.executable, "-m", "benchmarks.many_videos", *sys.argv[1:], "--in-child"]
        subprocess.run(again, env={**os.environ, **own}, check=True)


if __name__ == "__main__":
    main()
