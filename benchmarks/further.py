"""Another sentence: how long it takes in a new process that finds boxes and features on disk.

Each video is shown again and again for 20 seconds. A round is the first query, with an empty cache,
and another sentence in a process of its own. What that process needs before it can ask, imports and
models, is given apart.

Usage: python benchmarks/further.py [--repeats 5] [--videos bikes ...]
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

from scaling import looped
from shared_data import TIMED, path_of
from stages import Stages
from ways import Models, ours

from fiftyone_e3m.cache import Cache
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.references import references_of
from fiftyone_e3m.video import Video

FIRST, SECOND = "a man in a dark suit walks past", "a white dog jumps over a bar"
SECONDS = 20
CONFIG = E3MConfig()
COLUMNS = ("first", "further", "first / further", "imports", "models")


def measure(path: Path, models: Models, repeats: int) -> dict[str, float]:
    """Medians over the rounds; of the ratio, too."""
    rounds = [measure_once(path, models) for _ in range(repeats)]
    return {column: median(seconds[column] for seconds in rounds) for column in COLUMNS}


def measure_once(path: Path, models: Models) -> dict[str, float]:
    """Seconds of a first query, and of another one in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder), 2**31)
        start = time.perf_counter()
        ours(Video.open(path), FIRST, models, models.encoder(), CONFIG, cache=cache)
        first = time.perf_counter() - start
        references_of(models.encoder(knows_references=False), cache)  # as a first query leaves it
        imports, loading, further = elsewhere(path, Path(folder))
    return dict(zip(COLUMNS, (first, further, first / further, imports, loading), strict=True))


def elsewhere(path: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds of imports, models and the query in another process.

    Raises:
        RuntimeError: it encoded pictures, so it did not find them.
    """
    start = time.perf_counter()
    command = [sys.executable, __file__, "--answer", str(path), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    whole = time.perf_counter() - start
    told = json.loads(done.stdout.splitlines()[-1])
    if told["pictures"]:
        raise RuntimeError(f"{told['pictures']} pictures of {path} were not found in the cache")
    return whole - told["models"] - told["query"], told["models"], told["query"]


def answer(path: Path, folder: Path) -> None:
    """The other process: loads the models, asks, and prints the seconds of both."""
    start = time.perf_counter()
    models = Models()
    loaded = time.perf_counter()
    encoder, watch = models.encoder(knows_references=False), Stages()
    with watch.watch(encoder):
        asked = time.perf_counter()
        ours(Video.open(path), SECOND, models, encoder, CONFIG, cache=Cache(folder, 2**31))
        answered = time.perf_counter()
    seconds = {"models": loaded - start, "query": answered - asked}
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
            found = measure(path, models, arguments.repeats)
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in found.values())} |", flush=True)
    return None


if __name__ == "__main__":
    main()
