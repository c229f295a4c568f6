"""Pictures per second on an accelerator: the encoder alone, ours around it, and whole videos.

Random weights, which cost as much as trained ones; half precision on CUDA. Boxes are given, so that
only decoding, drawing and encoding remain. Without an accelerator it runs on the CPU and says so.

Usage: python -m benchmarks.gpu [--models ViT-B-32 ViT-L-14] [--seconds 60] [--batches 64 256 1024]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import open_clip
import torch
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.encoders import chosen_device
from fiftyone_e3m.encoders.open_clip import OpenClipEncoder
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video

SIZE, RATE, N_BOXES = (640, 360), 30, 8
ROUNDS = 5
QUERY = "a person crosses the street"
WAYS = {
    "every picture": E3MConfig(skip_change=0, shots=False),
    "every picture, cuts": E3MConfig(skip_change=0),
    "default": E3MConfig(),
}


def draw(path: Path, seconds: int) -> None:
    """A video of noise over which grey boxes move."""
    rng = np.random.default_rng(0)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, SIZE)
    ground = cv2.resize(rng.integers(0, 256, (36, 64, 3), np.uint8), SIZE)
    for number in range(seconds * RATE):
        frame = ground.copy()
        for n, (x1, y1, x2, y2) in enumerate(places(number).astype(int).tolist()):
            frame[y1:y2, x1:x2] = 20 * n + rng.integers(0, 60, (y2 - y1, x2 - x1, 3), np.uint8)
        writer.write(frame)
    writer.release()


def places(number: int) -> NDArray[np.float64]:
    """(N_BOXES, 4) boxes of a frame, xyxy in pixels."""
    x = 10 + 72 * np.arange(N_BOXES) + 8 * np.sin(number / 20 + np.arange(N_BOXES))
    y = 120 + 60 * np.cos(number / 30 + np.arange(N_BOXES))
    return np.stack([x, y, x + 60, y + 110], axis=1)


def given(_: Video, sampled: NDArray[np.int64]) -> list[Boxes]:
    """The drawn boxes of the sampled frames."""
    labels = ["person"] * N_BOXES
    scores = np.full(N_BOXES, 0.9)
    return [Boxes.of(places(int(number)), scores, labels) for number in sampled]


class Counting(OpenClipEncoder):
    """Counts its pictures."""

    n_images = 0

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features of images, which are counted."""
        self.n_images += len(images)
        return super().encode_images(images)


def rate(work: Callable[[], int], device: torch.device) -> float:
    """Pictures per second, median of rounds after one to warm up; `work` returns their number."""
    rates = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        n = work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        rates.append(n / (time.perf_counter() - start))
    return statistics.median(rates[1:])


def alone(encoder: OpenClipEncoder, batch: int, n: int) -> Callable[[], int]:
    """The floor: the model on tensors that are already on its device."""
    model, device = encoder._model, encoder._device
    kind = next(model.parameters()).dtype
    images = torch.randn((batch, 3, *encoder.image_size), device=device, dtype=kind)

    def work() -> int:
        with torch.inference_mode():
            for _ in range(n // batch):
                model.encode_image(images)
        return n // batch * batch

    return work


def wrapped(encoder: OpenClipEncoder, batch: int, n: int) -> Callable[[], int]:
    """The same from pictures in the computer's memory to features in it."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch, *encoder.image_size, 3), np.uint8)

    def work() -> int:
        for _ in range(n // batch):
            encoder.encode_images(images)
        return n // batch * batch

    return work


def whole(encoder: Counting, path: Path, config: E3MConfig) -> Callable[[], int]:
    """A whole video, decoding included."""
    pipeline = Pipeline(encoder, config)

    def work() -> int:
        before = encoder.n_images
        pipeline.run(Video.open(path), given, [QUERY])
        return encoder.n_images - before

    return work


def row(name: str, batch: int, speed: float, floor: float) -> None:
    """Prints a row of the table."""
    print(f"| {name} | {batch} | {speed:.0f} | {speed / floor:.2f} |", flush=True)


def measure(model: str, path: Path, batches: Sequence[int], device: torch.device) -> None:
    """Prints the table of a model."""
    torch.manual_seed(0)
    encoder = Counting(open_clip.create_model(model), open_clip.get_tokenizer(model), model)
    n = 4096 if device.type == "cuda" else 2 * max(batches)
    print(f"\n### {model}\n\n| what | batch | pictures/s | share of the floor |")
    print("| --- | ---: | ---: | ---: |")
    floors = {}
    for batch in batches:
        floors[batch] = rate(alone(encoder, batch, n), device)
        row("floor: the model alone", batch, floors[batch], floors[batch])
    floor = floors.get(encoder.batch, max(floors.values()))
    for batch in batches:
        row("encode_images", batch, rate(wrapped(encoder, batch, n), device), floors[batch])
    for name, config in WAYS.items():
        work, start = whole(encoder, path, config), time.perf_counter()
        speed = rate(work, device)
        times = (ROUNDS + 1) * Video.open(path).duration / (time.perf_counter() - start)
        row(f"a video, {name}, {times:.0f} times as fast as it plays", encoder.batch, speed, floor)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["ViT-B-32", "ViT-L-14"])
    parser.add_argument("--seconds", type=int, default=60, help="length of the video")
    parser.add_argument("--batches", nargs="+", type=int, default=[64, 256, 1024])
    given_args = parser.parse_args()
    device = chosen_device()
    what = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU, no accelerator"
    print(f"{what}; torch {torch.__version__}, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        draw(path, given_args.seconds)
        for model in given_args.models:
            measure(model, path, given_args.batches, device)


if __name__ == "__main__":
    main()
