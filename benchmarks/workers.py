"""How much faster two Ray workers are than one process, with a model that burns CPU in one thread.

The time is that of the run once the models are loaded, which each worker does at the same time.
Videos are drawn, models are the tests' stand-ins, the database is a separate one; without a cache.

Usage: python -m benchmarks.workers [--videos 40] [--workers 2]
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .load import SECOND, draw
from .memory import load_stand_ins

MODELS = Path(__file__).parents[1] / "tests" / "engines"


def main() -> None:
    """Prints a row per engine, and the speed-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    paths = [str(MODELS), str(MODELS.parents[1]), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)  # for the workers
    sys.path.insert(0, str(MODELS))
    stand_ins = load_stand_ins()
    import fiftyone as fo

    worker_models = importlib.import_module("worker_models")

    import fiftyone_e3m as e3m

    ray = e3m.RayOptions(num_workers=options.workers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder / "0.mp4", SECOND, stand_ins)
        videos = [folder / f"{n}.mp4" for n in range(options.videos)]
        for path in videos[1:]:
            shutil.copy(videos[0], path)
        print("| engine | seconds | seconds per video |\n| --- | ---: | ---: |")
        seconds = {}
        for engine in ("local", "ray"):
            dataset = fo.Dataset()
            dataset.add_samples([fo.Sample(filepath=str(path)) for path in videos], progress=False)
            summary = e3m.ground(
                dataset,
                "a red box",
                encoder=worker_models.BusyEncoder(),
                detector=worker_models.Detector(),
                cache=False,
                overlap=False,
                progress=False,
                engine=engine,
                ray=ray,
            )
            if summary.counts != {"ok": options.videos}:
                raise SystemExit(str(summary))
            seconds[engine] = summary.seconds
            each = summary.seconds / options.videos
            print(f"| {engine} | {summary.seconds:.1f} | {each:.2f} |", flush=True)
            dataset.delete()
    print(f"\n{options.workers} workers: {seconds['local'] / seconds['ray']:.2f} times as fast")


if __name__ == "__main__":
    main()
