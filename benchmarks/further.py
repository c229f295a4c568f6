"""How long another sentence takes in a new process, with boxes and features cached on disk.

Each video is looped for 20 seconds. A round is the first query, with an empty cache; another
sentence in a separate process; and a further one in that process, which has by then computed the
fingerprints. What the process needs before it can ask, imports and models, is listed separately.

Usage: python -m benchmarks.further [--repeats 5] [--videos bikes ...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from fiftyone_e3m.cache import Cache
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.sentences import TextReader
from fiftyone_e3m.video import Video

from .scaling import looped
from .shared_data import TIMED, path_of
from .stages import Stages
from .ways import Models, ours

FIRST = "a man in a dark suit walks past"
FURTHER, NEXT = "a white dog jumps over a bar", "a black swan swims on a lake"
SECONDS = 20
CONFIG = E3MConfig()
COLUMNS = ("first", "further", "next", "first / further", "first / next", "imports", "models")


def measure(path: Path, models: Models, repeats: int) -> dict[str, float]:
    """Medians over the rounds, of the ratios too."""
    rounds = [measure_once(path, models) for _ in range(repeats)]
    return {column: median(seconds[column] for seconds in rounds) for column in COLUMNS}


def measure_once(path: Path, models: Models) -> dict[str, float]:
    """Seconds of a first query, and of others in a separate process."""
    with tempfile.TemporaryDirectory() as folder:
        cache, encoder = Cache(Path(folder), 2**31), models.encoder()
        reader = models.reader(encoder)
        start = time.perf_counter()
        ours(Video.open(path), FIRST, models, encoder, CONFIG, cache=cache, reader=reader)
        first = time.perf_counter() - start
        _ = TextReader(encoder, cache).unrelated  # on disk, as the very first query leaves it
        told = elsewhere(path, Path(folder))
    ratios = {f"first / {what}": first / told[what] for what in ("further", "next")}
    return {"first": first, **told, **ratios}


def elsewhere(path: Path, folder: Path) -> dict[str, float]:
    """Seconds of "imports", "models", and the "further" and "next" query in another process.

    Raises:
        RuntimeError: the process encoded pictures that the cache should hold.
    """
    start = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.further", "--answer", str(path), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    whole = time.perf_counter() - start
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if pictures := told.pop("pictures"):
        raise RuntimeError(f"{pictures} pictures of {path} were not found in the cache")
    return {**told, "imports": whole - sum(told.values())}


def answer(path: Path, folder: Path) -> None:
    """The other process: loads the models, asks twice, and prints the seconds."""
    start = time.perf_counter()
    models = Models()
    seconds = {"models": time.perf_counter() - start}
    encoder, cache, watch = models.encoder(), Cache(folder, 2**31), Stages()
    reader = TextReader(encoder, cache)
    with watch.watch(encoder):
        for what, query in (("further", FURTHER), ("next", NEXT)):
            start = time.perf_counter()
            ours(Video.open(path), query, models, encoder, CONFIG, cache=cache, reader=reader)
            seconds[what] = time.perf_counter() - start
    print(json.dumps({**seconds, "pictures": watch.items["encode images"]}))


def main() -> None:
    """Prints a line per video."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--videos", nargs="+", default=TIMED)
    parser.add_argument("--answer", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer:
        return answer(*arguments.answer)
    models = Models()
    print(f"| {SECONDS} s of | {' | '.join(COLUMNS)} |\n| --- |{' ---: |' * len(COLUMNS)}")
    for name in arguments.videos:
        with tempfile.TemporaryDirectory() as folder:
            path = looped(path_of(name), SECONDS, Path(folder))
            seconds = measure(path, models, arguments.repeats)
        cells = " | ".join(f"{value:.2f}" for value in seconds.values())
        print(f"| {name} | {cells} |", flush=True)
    return None


if __name__ == "__main__":
    main()
