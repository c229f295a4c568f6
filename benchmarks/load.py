"""Whether a long run stays as fast and as small as it begins, and what large videos cost.

Stand-ins for the models, drawn videos, a separate database, no cache:

* 1,000 videos of a second in one run: processor time, memory and open files per hundred videos. A
  fixed piece of work is timed beside each video, and the time of a video is told as a multiple of
  it, as a machine can be twice slower in one minute than in another. What the run lost from its
  first hundred to its last is read off a line through all of it (Theil-Sen), with its interval, as
  two hundreds alone tell more of the machine than of the run;
* 2,000 sampled frames with 100 boxes each;
* 200 sentences about one video.

Usage: python -m benchmarks.load [--videos 1000] [--frames 2000] [--boxes 100] [--queries 200]
"""

from __future__ import annotations

import argparse
import gc
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import psutil
from scipy.stats import theilslopes

from .memory import load_stand_ins

SIZE, RATE, SECOND = (96, 72), 10, 10
"""Width and height, frames per second, and frames of a short video."""
PART = 100
"""Videos that are summed up."""
BLOCK = 20
"""Videos whose median is a point of the line."""
PASSES = 3
"""Times that the fixed piece of work decodes the video: about a third of what a video takes."""
LEAK = 10
"""Open files that a run may not gain: less than one in ten videos."""
QUERIES = ["a red box", "a green box"]


@dataclass(frozen=True)
class State:
    """This process after a video.

    Attributes:
        seconds: processor time so far.
        memory: resident, in MB.
        handles: open files and sockets.
    """

    seconds: float
    memory: float
    handles: int

    @classmethod
    def now(cls) -> State:
        """The state of this process."""
        process = psutil.Process()
        return cls(time.process_time(), process.memory_info().rss / 2**20, process.num_fds())


class Crowd:
    """A detector that finds the same number of boxes in each frame, which drift slowly."""

    name = "crowd"

    def __init__(self, n_boxes: int) -> None:
        self._n, self._at = n_boxes, 0

    def detect(self, frames: Sequence[Any]) -> list[Any]:
        """Boxes on a grid over each frame."""
        from fiftyone_e3m.boxes import Boxes

        found = []
        for frame in frames:
            height, width = frame.shape[:2]
            columns = int(np.ceil(np.sqrt(self._n)))
            y, x = np.divmod(np.arange(self._n), columns)
            x = (x + 0.3 * np.sin(self._at / 50)) * width / columns
            y = y * height / columns
            side = 0.8 * np.array([width, height]) / columns
            xyxy = np.stack([x, y, x + side[0], y + side[1]], axis=1)
            found.append(Boxes.of(xyxy, np.full(self._n, 0.9), ["box"] * self._n))
            self._at += 1
        return found


def fixed_work(path: Path) -> float:
    """Processor time in seconds of a piece of work that is always the same.

    Like a grounding it decodes, works on small arrays, and makes and sorts Python objects.
    """
    start, random = time.process_time(), np.random.default_rng(0)
    for _ in range(PASSES):
        video = cv2.VideoCapture(str(path))
        while video.read()[0]:
            scores = random.random((40, 40))
            np.linalg.inv(scores @ scores.T + np.eye(40))
            sorted({f"{score:.6f}": score for score in scores.ravel().tolist()}.items())
        video.release()
    return time.process_time() - start


def draw(path: Path, frames: int, stand_ins: Any) -> None:
    """A blue box that moves, and a red one in the middle third."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, SIZE)
    for at in range(frames):
        boxes = {"blue": (5 + at % 60, 40, 25 + at % 60, 60)}
        if frames <= 3 * at < 2 * frames:
            boxes["red"] = (5 + at % 60, 5, 25 + at % 60, 25)
        writer.write(cv2.cvtColor(stand_ins.draw_boxes(boxes, SIZE), cv2.COLOR_RGB2BGR))
    writer.release()


def trend(ratios: np.ndarray) -> tuple[float, float, float]:
    """By which share a run got slower from its first hundred to its last, by a line through all.

    Args:
        ratios: the time of each video in the order of the run, shape ``(n,)``.

    Returns:
        The share, and its 95 % interval.
    """
    whole = ratios[: len(ratios) // BLOCK * BLOCK]
    points = np.median(whole.reshape(-1, BLOCK), axis=1)
    places = np.arange(len(points)) * BLOCK
    slope, start, low, high = theilslopes(points, places)
    distance = len(ratios) - PART
    share, least, most = (float(s * distance / start) for s in (slope, low, high))
    return share, least, most


def many_videos(n_videos: int, folder: Path, stand_ins: Any) -> bool:
    """Grounds many videos in one run and prints a row per hundred; whether it stayed flat."""
    import fiftyone as fo

    import fiftyone_e3m as e3m

    draw(folder / "0.mp4", SECOND, stand_ins)
    paths = [folder / f"{n}.mp4" for n in range(n_videos)]
    for path in paths[1:]:
        shutil.copy(paths[0], path)
    dataset = fo.Dataset()
    dataset.add_samples([fo.Sample(filepath=str(path)) for path in paths], progress=False)
    gc.collect()  # as after each hundred: else the first one alone pays for what imports left
    costs, fixed, states, began = [], [], [State.now()], time.process_time()

    def note(done: int, total: int, report: Any) -> None:
        nonlocal began
        costs.append(1000 * (time.process_time() - began))
        fixed.append(1000 * fixed_work(paths[0]))
        if done % PART == 0:
            gc.collect()
            states.append(State.now())
        began = time.process_time()

    models = {"encoder": stand_ins.FakeEncoder(), "detector": stand_ins.FakeDetector()}
    summary = e3m.ground(dataset, QUERIES, cache=False, progress=note, **models)
    if summary.counts != {"ok": n_videos}:
        raise SystemExit(str(summary))
    dataset.delete()
    print("| videos | CPU ms | fixed work, ms | ratio | memory, MB | open files |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    ratios = []
    for n, state in enumerate(states[1:]):
        part = slice(n * PART, (n + 1) * PART)
        ours, its = median(costs[part]), median(fixed[part])
        ratios.append(ours / its)
        print(
            f"| {part.start + 1} to {part.stop} | {ours:.1f} | {its:.1f} | {ratios[-1]:.2f} | "
            f"{state.memory:.0f} | {state.handles} |"
        )
    first, last = states[1], states[-1]
    growth, handles = last.memory - first.memory, last.handles - first.handles
    slower, low, high = trend(np.divide(costs, fixed))
    print(
        f"\nlast hundred against first: {ratios[-1] / ratios[0] - 1:+.1%} time, {growth:+.1f} MB, "
        f"{handles:+d} open files"
    )
    print(f"by the line through all: {slower:+.1%} time, 95 % interval {low:+.1%} to {high:+.1%}\n")
    return slower <= 0.1 and growth < 50 and handles < LEAK


def one_video(name: str, path: Path, queries: Sequence[str], config: Any, models: Any) -> None:
    """Grounds a single video and prints a row."""
    import fiftyone as fo

    import fiftyone_e3m as e3m

    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(path)))
    before, start = State.now(), time.perf_counter()
    summary = e3m.ground(dataset, queries, config=config, cache=False, progress=False, **models)
    seconds, after = time.perf_counter() - start, State.now()
    if summary.counts != {"ok": 1}:
        raise SystemExit(str(summary))
    dataset.delete()
    cpu, memory = after.seconds - before.seconds, after.memory - before.memory
    print(f"| {name} | {seconds:.1f} | {cpu:.1f} | {memory:+.0f} |", flush=True)


def large_videos(frames: int, boxes: int, n_queries: int, folder: Path, stand_ins: Any) -> None:
    """Prints what many boxes and many sentences cost."""
    from fiftyone_e3m import E3MConfig

    path = folder / "long.mp4"
    draw(path, frames, stand_ins)
    dense = E3MConfig(sample_fps=RATE, max_frames=frames, max_boxes=boxes, min_side=1)
    many = [f"a red box, said in way {n}" for n in range(n_queries)]
    print("| one video | seconds | CPU seconds | memory after, MB |\n| --- | ---: | ---: | ---: |")
    for name, queries, config, detector in (
        (f"{frames} frames, {boxes} boxes in each", QUERIES[:1], dense, Crowd(boxes)),
        (f"{frames} frames, 1 sentence", many[:1], dense, stand_ins.FakeDetector()),
        (f"{frames} frames, {n_queries} sentences", many, dense, stand_ins.FakeDetector()),
    ):
        models = {"encoder": stand_ins.FakeEncoder(), "detector": detector}
        one_video(name, path, queries, config, models)


def main() -> None:
    """Prints the tables; fails if the long run did not stay flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--boxes", type=int, default=100)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    stand_ins = load_stand_ins()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flat = many_videos(options.videos, folder, stand_ins)
        large_videos(options.frames, options.boxes, options.queries, folder, stand_ins)
    if not flat:
        raise SystemExit(
            "The last hundred videos took over 10 % longer, over 50 MB more, or left files open."
        )


if __name__ == "__main__":
    main()
