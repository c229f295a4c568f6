"""What the algorithm costs: pytest-benchmark figures per sampled frame.

A video of 20 seconds, sampled five times per second, with four objects, one of which leaves and one
of which enters; features are random. Run by ``make bench-overhead``. Tracks take .4 to .5 ms on an
idle core, more than half of it in filterpy; a closed-form Kalman filter would halve that. There is
no limit to keep: one picture costs an encoder 50 ms. Pictures and cuts depend on pixels, so they
are measured at the size of the tests' stand-ins and at a real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Evidence, Grounding, Query, Tracks, Tube, build_tracks, find, make_tube
from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.features import encode_video
from fiftyone_e3m.video import CutFinder, Image

SECONDS, FPS, FRAME_RATE = 20, 5, 30
N_FRAMES = SECONDS * FPS
WIDTH, HEIGHT = 1280, 720
N_OBJECTS, N_UNRELATED, DIMENSIONS = 4, 75, 512
CONFIG = E3MConfig()
SHOT = np.zeros(N_FRAMES, np.int64)
RANDOM = np.random.default_rng(0)

Features = NDArray[np.float32]


def drawn_boxes() -> list[Boxes]:
    """Four moving objects, detected nine times in ten; halfway, one leaves and one enters."""
    start = RANDOM.uniform([100, 100], [WIDTH - 400, HEIGHT - 400], (N_OBJECTS, 2))
    speed = RANDOM.uniform(-2, 2, (N_OBJECTS, 2))
    size = RANDOM.uniform(80, 300, (N_OBJECTS, 2))
    frames = []
    for t in range(N_FRAMES):
        there = RANDOM.random(N_OBJECTS) < 0.9
        there[0] &= t < N_FRAMES // 2
        there[1] &= t > N_FRAMES // 3
        corner = start + t * speed + RANDOM.normal(0, 3, (N_OBJECTS, 2))
        xyxy = np.hstack([corner, corner + size])[there]
        frames.append(Boxes.of(xyxy, [0.8] * len(xyxy), ["person"] * len(xyxy)))
    return frames


def drawn_features(of: NDArray[np.int64]) -> Features:
    """Features (N, 512) of length 1: one direction per object, plus noise."""
    looks = RANDOM.normal(size=(of.max() + 1, DIMENSIONS))
    return unit(looks[of] + RANDOM.normal(size=(len(of), DIMENSIONS))).astype(np.float32)


def drawn_evidence(tracks: Tracks) -> Evidence:
    """An encoded video; denoised frames share the features of the picked regions, as by default."""
    regions, frames = drawn_features(tracks.regions[:, 0]), drawn_features(SHOT)
    colours = np.zeros((len(regions), 3, 11), np.float32)
    return Evidence(tracks, regions, frames, regions, colours, FPS, SHOT, (WIDTH, HEIGHT))


def drawn_query() -> Query:
    """A sentence, with how well the classes of the tracks fit it."""
    return Query(drawn_features(np.zeros(1, int))[0], RANDOM.normal(size=len(TRACKS)))


def tracked() -> Tracks:
    """Tracks of the video's detections."""
    return build_tracks(DETECTIONS, WIDTH, HEIGHT, FPS, CONFIG, SHOT)


def asked(tracks: Tracks, n: int) -> list[Grounding]:
    """Groundings in a video that has not been asked before."""
    fresh = replace(EVIDENCE, tracks=replace(tracks))
    return find(fresh, QUERIES[:n], CONFIG, UNRELATED)


def spread(grounding: Grounding, tracks: Tracks) -> Tube:
    """An answer in source frames."""
    step = FRAME_RATE // FPS
    return make_tube(grounding, tracks, step * np.arange(N_FRAMES), step * N_FRAMES)


DETECTIONS = drawn_boxes()
TRACKS = tracked()
EVIDENCE = drawn_evidence(TRACKS)
QUERIES = [drawn_query() for _ in range(3)]
UNRELATED = drawn_features(np.arange(N_UNRELATED))


def test_tracks(benchmark: Any) -> None:
    """From boxes to tracks."""
    benchmark(tracked)


@pytest.mark.parametrize("n_queries", [1, 3])
def test_em(benchmark: Any, n_queries: int) -> None:
    """From tracks and features to groundings."""
    benchmark(asked, TRACKS, n_queries)


def test_tube(benchmark: Any) -> None:
    """From a grounding to every frame of the source."""
    benchmark(spread, asked(TRACKS, 1)[0], TRACKS)


@pytest.mark.parametrize("n_queries", [1, 3])
def test_everything(benchmark: Any, n_queries: int) -> None:
    """From boxes and features to tubes."""

    def run() -> list[Tube]:
        tracks = tracked()
        return [spread(grounding, tracks) for grounding in asked(tracks, n_queries)]

    benchmark(run)


# Pictures and cuts, which depend on pixels


@dataclass(frozen=True)
class Film:
    """A video in memory: nothing is decoded."""

    frames: list[Image]
    frame_rate: float = float(FRAME_RATE)

    @property
    def width(self) -> int:
        return self.frames[0].shape[1]

    @property
    def height(self) -> int:
        return self.frames[0].shape[0]

    def read(self, numbers: NDArray[np.int64]) -> Iterator[tuple[int, Image]]:
        """As `Video.read`."""
        return ((i, self.frames[number]) for i, number in enumerate(numbers))


@dataclass(frozen=True, eq=False)
class Free:
    """An encoder that costs nothing."""

    image_size: tuple[int, int]

    def encode_images(self, images: NDArray[np.uint8]) -> Features:
        """The same vector for all images."""
        return np.ones((len(images), DIMENSIONS), np.float32)


def filmed(width: int, height: int) -> Film:
    """The frames of a camera that pans over a landscape."""
    land = RANDOM.integers(0, 256, (12, 60, 3), np.uint8)
    land = cv2.resize(land, (3 * width, height), interpolation=cv2.INTER_CUBIC)
    n = N_FRAMES * FRAME_RATE // FPS
    return Film([land[:, (s := 2 * width * t // n) : s + width] for t in range(n)])


SIZES = pytest.mark.parametrize(
    ("size", "picture"), [((160, 120), (48, 64)), ((640, 360), (224, 224))], ids=["small", "real"]
)


@SIZES
def test_pictures(benchmark: Any, size: tuple[int, int], picture: tuple[int, int]) -> None:
    """From frames and tracks to features, with an encoder that costs nothing."""
    film: Any = filmed(*size)
    scale = np.array([size[0] / WIDTH, size[1] / HEIGHT] * 2, np.float32)
    tracks = replace(TRACKS, box=TRACKS.box * scale)
    sampled = np.arange(0, len(film.frames), FRAME_RATE // FPS)
    encoder: Any = Free(picture)
    benchmark(encode_video, film, sampled, FPS, tracks, encoder, CONFIG, overlap=False)


@SIZES
def test_cuts(benchmark: Any, size: tuple[int, int], picture: tuple[int, int]) -> None:
    """All frames, including those that are not sampled."""
    film: Any = filmed(*size)

    def run() -> list[int]:
        finder = CutFinder()
        for frame in film.frames:
            finder.show(frame)
        return finder.cuts

    benchmark(run)
