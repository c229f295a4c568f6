"""Whether an hour of video needs more memory than a minute, apart from the features.

A drawn clip, 320 x 180 at 10 frames per second, is looped for a minute and for an hour. A sentence
is grounded in each with the tests' stand-ins for the models, whose features have five dimensions:
what remains is decoding, cropping, tracking, EM and writing. Each run is a separate process with
its own dataset and cache; its peak is that of the whole process, libraries included.

Usage: python -m benchmarks.memory [--minutes 1 60]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import cv2

RATE, SIZE, LOOP = 10, (320, 180), 600
"""Frames per second; width and height; frames per loop of the clip."""
QUERY = "a red box"
SETTINGS: dict[str, dict[str, int]] = {"default": {}, "max_frames=5000": {"max_frames": 5000}}
BYTES_PER_FEATURE = 512 * 4
"""Size of a ViT-B/32 feature; those of the stand-in take next to no memory."""


def load_stand_ins() -> ModuleType:
    """The tests' stand-ins; makes FiftyOne, not yet imported, use a separate database."""
    path = Path(__file__).parents[1] / "tests" / "conftest.py"
    spec = importlib.util.spec_from_file_location("stand_ins", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw_loop(path: Path, minutes: int, stand_ins: ModuleType) -> None:
    """A blue box that moves throughout, and a red one from the 20th to the 40th second."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, SIZE)
    for number in range(minutes * 60 * RATE):
        at = number % LOOP
        boxes = {"blue": (10 + at // 3, 100, 70 + at // 3, 160)}
        if LOOP // 3 <= at < 2 * LOOP // 3:
            boxes["red"] = (at - 190, 20, at - 130, 80)
        writer.write(cv2.cvtColor(stand_ins.draw_boxes(boxes, SIZE), cv2.COLOR_RGB2BGR))
    writer.release()


def ground_one(path: str, settings: dict[str, int]) -> None:
    """Grounds in this process and prints its peak memory and what it did."""
    stand_ins = load_stand_ins()
    import fiftyone as fo

    import fiftyone_e3m as e3m

    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=path))
    encoder, detector = stand_ins.FakeEncoder(), stand_ins.FakeDetector()
    config = e3m.E3MConfig(**settings)
    summary = e3m.ground(
        dataset, QUERY, encoder=encoder, detector=detector, config=config, progress=False
    )
    if summary.counts != {"ok": 1}:
        raise SystemExit(str(summary))
    dataset.delete()
    figures = {
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "sampled": sum(detector.batches),
        "pictures": encoder.n_images,
        "boxes": summary.videos[0].answers[0].n_boxes,
        "seconds": summary.seconds,
    }
    print(json.dumps(figures))


def measure(path: Path, settings: dict[str, int]) -> dict[str, float]:
    """What `ground_one` prints when run in a separate process."""
    settings_text = json.dumps(settings)
    command = [sys.executable, "-m", "benchmarks.memory", "--ground", str(path), settings_text]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "E3M_CACHE_DIR": cache}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(minutes: list[int]) -> None:
    """Prints a line per video and setting, and how much the longest differs from the shortest."""
    stand_ins = load_stand_ins()
    columns = "minutes", "sampled", "pictures", "their features, MB", "boxes", "s", "peak, MB"
    print(f"| settings | {' | '.join(columns)} |")
    print("| --- |" + " ---: |" * len(columns))
    distances = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {length: Path(folder) / f"{length}.mp4" for length in minutes}
        for length, path in paths.items():
            draw_loop(path, length, stand_ins)
        for name, settings in SETTINGS.items():
            peaks: list[float] = []
            for length, path in paths.items():
                m = measure(path, settings)
                features = m["pictures"] * BYTES_PER_FEATURE / 2**20
                counts = f"{m['sampled']} | {m['pictures']} | {features:.1f} | {m['boxes']}"
                print(f"| {name} | {length} | {counts} | {m['seconds']:.0f} | {m['peak']:.0f} |")
                peaks.append(m["peak"])
            distances.append(f"{name}: {peaks[-1] - peaks[0]:.0f} MB apart")
    print("\n" + "\n".join(distances))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 60])
    parser.add_argument("--ground", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ground:
        ground_one(options.ground[0], json.loads(options.ground[1]))
    else:
        compare(options.minutes)
