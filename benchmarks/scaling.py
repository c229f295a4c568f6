"""How cost grows with the length of a video, its boxes and the number of sentences.

Encoder and boxes are stand-ins, so that only the package's own cost remains; an encoder adds the
number of pictures and texts times its seconds for each.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import BoxSource
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.demo import demo_boxes, demo_video
from fiftyone_e3m.encoders import Encoder
from fiftyone_e3m.pipeline import Pipeline, Scene
from fiftyone_e3m.video import Video

from .stages import Stages

CONFIG = E3MConfig(max_frames=5000, max_boxes=64, duplicate_iou=1)
"""Settings under which nothing that should grow is thinned or dropped."""
SHOWN = ("decode", "cuts", "crop", "Kalman", "EM", "rest")


class FakeEncoder:
    """Costs next to nothing: encodes a few pixels per image, and a random direction per text."""

    name = "fake"
    notice: str | None = None
    image_size = (224, 224)

    def __init__(self) -> None:
        self._map = np.random.default_rng(0).normal(size=(147, 512)).astype(np.float32)

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        pixels = images[:, ::32, ::32].reshape(len(images), -1).astype(np.float32)
        return _unit((pixels + 1) @ self._map)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        directions = [np.random.default_rng(list(t.encode())).normal(size=512) for t in texts]
        return _unit(np.array(directions, np.float32))

    def exceeds_context(self, text: str) -> bool:
        return False


def _unit(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def scaling(encoder: Encoder, repeats: int) -> None:
    """Prints three tables.

    Args:
        encoder: a real encoder, to time texts.
        repeats: number of runs to take medians over.
    """
    with tempfile.TemporaryDirectory() as folder:
        print("Models are stand-ins; stages in ms per sampled frame.")
        print("\n### Length: bikes, looped\n")
        rows = []
        for seconds in (10, 20, 40):
            path = looped(demo_video(), seconds, Path(folder))
            rows.append((f"{seconds} s", grounded(Video.open(path), replayed, repeats)))
        _table("length", rows)
    print("\n### Boxes: bikes, with boxes that wander about\n")
    video = Video.open(demo_video())
    _table("boxes per frame", [(n, grounded(video, wandering(n), repeats)) for n in (2, 4, 8, 16)])
    print("\n### Queries: bikes, looked at before\n")
    print("| queries | E3M, s | per query, ms | ViT-B/32 reads them, s |")
    print("| --- | ---: | ---: | ---: |")
    fake = Pipeline(FakeEncoder(), CONFIG)
    scene = fake.look(fake.survey(video, replayed))
    for n in (1, 10, 100):
        answering, reading = asked(scene, n, encoder, repeats)
        print(f"| {n} | {answering:.3f} | {1000 * answering / n:.1f} | {reading:.2f} |")


Row = tuple[int, int, dict[str, float]]


def grounded(video: Video, boxes: BoxSource, repeats: int) -> Row:
    """Sampled frames, encoded pictures, and milliseconds per sampled frame by stage."""
    encoder, watches = FakeEncoder(), []
    fake = Pipeline(encoder, CONFIG, overlap=False)
    fake.run(video, boxes, ["a man"])  # warms up
    for _ in range(repeats):
        watch = Stages()
        with watch.watch(encoder), watch.stage("rest"):
            fake.run(video, boxes, ["a man in a suit"])
        watches.append(watch)
    frames = len(video.sample(CONFIG.sample_fps, CONFIG.max_frames))
    pictures = watches[0].items["encode images"]
    each = {s: 1000 * median(w.seconds[s] for w in watches) / frames for s in SHOWN}
    return frames, pictures, each


def asked(scene: Scene, n: int, encoder: Encoder, repeats: int) -> tuple[float, float]:
    """Seconds to answer `n` sentences, and to encode them with a real encoder."""
    ours, reading, fake = [], [], Pipeline(FakeEncoder(), CONFIG)
    fake.answer(scene, ["a man"])  # reads the unrelated texts
    for repeat in range(repeats):
        queries = [f"a man in suit number {repeat * n + i}" for i in range(n)]  # never read before
        ours.append(_seconds(lambda queries=queries: fake.answer(scene, queries)))  # type: ignore[misc]
        reading.append(_seconds(lambda queries=queries: encoder.encode_texts(queries)))  # type: ignore[misc]
    return median(ours), median(reading)


def looped(path: Path, seconds: int, folder: Path) -> Path:
    """A file that loops a video for a given time."""
    video, out = Video.open(path), folder / f"{seconds}.mp4"
    size, left = (video.width, video.height), round(seconds * video.frame_rate)
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"mp4v"), video.frame_rate, size)
    while left > 0:
        for _, frame in video.read(np.arange(min(left, video.frame_count))):
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        left -= video.frame_count
    writer.release()
    return out


def replayed(_: Video, sampled: NDArray[np.int64]) -> list[Boxes]:
    """The demo's boxes, repeated with each loop."""
    frames = demo_boxes()
    return [frames[i % len(frames)] for i in sampled]


def wandering(n: int) -> Callable[[Video, NDArray[np.int64]], list[Boxes]]:
    """`n` boxes in each frame, each circling slowly around its own centre."""
    rng = np.random.default_rng(0)
    centre, phase = rng.uniform(0.2, 0.8, (n, 2)), rng.uniform(0, 2 * np.pi, n)

    def boxes(video: Video, sampled: NDArray[np.int64]) -> list[Boxes]:
        size = np.array([video.width, video.height])
        detections = []
        for frame in sampled:
            angle = phase + frame / 50
            at = (centre + 0.1 * np.stack([np.cos(angle), np.sin(angle)], 1)) * size
            xyxy = np.hstack([at - size / 12, at + size / 12])
            detections.append(Boxes.of(xyxy, [0.9] * n, ["person"] * n))
        return detections

    return boxes


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _table(what: str, rows: Sequence[tuple[object, Row]]) -> None:
    """A line per row: milliseconds per sampled frame, and their sum without decoding."""
    print(f"| {what} | sampled frames | pictures encoded | {' | '.join(SHOWN)} | all but decode |")
    print("| --- |" + " ---: |" * (len(SHOWN) + 3))
    for name, (frames, pictures, each) in rows:
        figures = " | ".join(f"{value:.2f}" for value in each.values())
        own = sum(each.values()) - each["decode"]
        print(f"| {name} | {frames} | {pictures} | {figures} | {own:.2f} |")
