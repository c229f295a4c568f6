"""Cuts found and false cuts, on real videos and on real clips with added flicker and dissolves.

    python -m benchmarks.cuts

Needs the folder of real videos, `shared/` beside the repository or `E3M_SHARED`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.shared_data import ROOT
from fiftyone_e3m.video import CutFinder, Video

NEAR = 2
"""Frames by which a cut may be off."""
SIZE = (320, 180)
"""Width and height of the synthetic videos."""
GAINS = (0.6, 0.8, 1.25, 1.5)
LENGTHS = (8, 16, 24, 40)
"""Frames of the dissolves."""
STILL = 12
"""Frames before and after each dissolve."""

Frames = NDArray[np.uint8]


def cuts_of(frames: Iterable[Frames]) -> list[int]:
    """The cuts that are found in a video."""
    finder = CutFinder()
    for frame in frames:
        finder.show(frame)
    return finder.cuts


def frames_of(path: Path) -> Iterator[Frames]:
    """All frames of a file."""
    video = Video.open(path)
    return (frame for _, frame in video.read(np.arange(video.frame_count)))


def found_and_false(found: list[int], true: list[int], near: int = NEAR) -> tuple[int, int]:
    """How many of the true cuts were found, and how many of the found ones are false."""
    hit = sum(any(abs(cut - other) <= near for other in found) for cut in true)
    return hit, sum(all(abs(cut - other) > near for other in true) for cut in found)


def flicker(frames: Frames, rng: np.random.Generator) -> Frames:
    """A clip whose exposure jumps for 1 to 10 frames, about once a second."""
    changed, at = frames.astype(float), 8
    while at < len(frames) - 8:
        n = int(rng.integers(1, 11))
        changed[at : at + n] *= rng.choice(GAINS)
        at += n + int(rng.integers(10, 25))
    return np.clip(changed, 0, 255).astype(np.uint8)


def dissolve(before: Frames, after: Frames, n: int) -> Frames:
    """The end of a clip that becomes the start of another within `n` frames."""
    total = n + 2 * STILL
    first, second = before[-total:], after[:total]
    total = min(len(first), len(second))
    share = np.clip((np.arange(total) - STILL) / (total - 2 * STILL), 0, 1)[:, None, None, None]
    return ((1 - share) * first[-total:] + share * second[:total]).astype(np.uint8)


def main() -> None:
    """Prints a line per set."""
    print(f"{'set':<28}{'cuts found':>12}{'false cuts':>12}")
    for name in ("joined", "panned"):
        rows = []
        for path in sorted((ROOT / "data" / name).glob("*/queries.json")):
            shots = json.loads(path.read_text()).get("shots", [])
            true = [shot["first"] for shot in shots[1:]] if name == "joined" else []
            found = cuts_of(frames_of(path.parent / "video.mp4"))
            rows.append((len(true), *found_and_false(found, true)))
        _print(name, rows)
    clips = [
        np.stack([cv2.resize(frame, SIZE) for frame in frames_of(path)])
        for path in sorted((ROOT / "data" / "clips").glob("*/video.mp4"))
    ]
    rng = np.random.default_rng(0)
    rows = [(0, *found_and_false(cuts_of(flicker(clip, rng)), [])) for clip in clips]
    _print("clips with flicker", rows)
    for n in LENGTHS:
        rows = []
        for before, after in pairwise(clips):
            video = dissolve(before, after, n)
            middle = [len(video) // 2]
            rows.append((1, *found_and_false(cuts_of(video), middle, near=n // 2)))
        _print(f"dissolves of {n} frames", rows)


def _print(name: str, rows: list[tuple[int, int, int]]) -> None:
    true, found, false = np.sum(rows, axis=0).tolist()
    print(f"{name:<28}{f'{found} of {true}' if true else '-':>12}{false:>12}")


if __name__ == "__main__":
    main()
