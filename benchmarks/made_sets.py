"""More joined and panned videos, made from what is shared, to check what the others decided.

* "joins": three shots, of clips and of events of `real`; an event is what is known of one shot.
* "pans": a window pans over a clip that is played forwards and backwards, so that its object comes
  into view once, and leaves it; widths, speeds and directions are drawn.

All is drawn with fixed seeds, so the videos are the same everywhere; they stay in `E3M_MADE`.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.evaluation.metrics import TimedBoxes
from fiftyone_e3m.video import Image, Video

from .footage import pictures, walk, write
from .shared_data import ROOT, Item, Query, clips_set, queries_set

FOLDER = Path(os.environ.get("E3M_MADE", Path(tempfile.gettempdir()) / "e3m-made"))
RATE, SIZE = 24, (640, 360)
JOINS, SHOTS, LONGEST = 14, 3, 8
"""Joined videos, shots of each, and seconds up to which a shot is shown."""
FILLERS = ("davis17_schoolgirls", "otb_woman", "pets09_s2l1")
"""Clips without a sentence."""
SAME_PLACE = {"pets09_s2l1": "courtyard-a"}
PANS_PER_CLIP, LENGTH, IN_VIEW = 2, 216, (36, 170)
"""Pans over each clip, their frames, and fewest and most of them that are the event."""

Boxes = dict[int, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Footage:
    """Frames of a clip and what is said of them.

    Attributes:
        source: the clip or film.
        frames: N frames at `RATE`.
        said: sentences, each with the boxes of its object by frame.
    """

    source: str
    frames: list[Image]
    said: list[tuple[str, Boxes]]


def made_set(name: str) -> list[Item]:
    """The set "joins" or "pans"; videos are written unless they are there."""
    return _joins() if name == "joins" else _pans()


def _joins() -> list[Item]:
    rng = np.random.default_rng(7)
    pool = [*_clips() * 2, *_events(), *[(name, None, None) for name in FILLERS]]
    items = []
    for number in range(JOINS):
        while True:
            drawn = [pool[i] for i in rng.permutation(len(pool))[:SHOTS]]
            places = {SAME_PLACE.get(source, source) for source, _, _ in drawn}
            n_fillers = sum(source in FILLERS for source, _, _ in drawn)
            n_real = sum(event is not None for _, _, event in drawn)
            if len(places) == SHOTS and n_fillers < 2 and n_real in (1, 2):
                break
        frames: list[Image] = []
        queries = []
        for source, item, event in drawn:
            shot = _resized(_footage(source, item, event))
            start = len(frames)
            frames += shot.frames
            for sentence, boxes in shot.said:
                moved = {t + start: tuple(box) for t, box in boxes.items()}
                queries.append(Query(sentence, TimedBoxes(min(moved), max(moved), moved), source))
        items.append(Item(_written("joins", f"{number:02}", frames), tuple(queries)))
    return items


def _pans() -> list[Item]:
    rng = np.random.default_rng(11)
    items = []
    for source, item, _ in _clips():
        clip, made = _footage(source, item, None, LENGTH / RATE), 0
        at = walk(0, len(clip.frames) - 1, LENGTH)
        height, width = clip.frames[0].shape[:2]
        for _ in range(200):
            if made == PANS_PER_CLIP:
                break
            window = int(width * rng.choice([0.4, 0.5])) // 2 * 2
            turn = (
                2 * np.pi * (np.arange(LENGTH) / LENGTH * rng.choice([0.5, 0.75, 1]) + rng.random())
            )
            left = ((np.cos(turn) / 2 + 0.5) * (width - window)).astype(int)
            queries = [
                Query(sentence, TimedBoxes(min(seen), max(seen), seen), source)
                for sentence, boxes in clip.said
                if (seen := _seen(boxes, at, left, window, bool(made)))
            ]
            if queries:
                frames = [
                    clip.frames[a][: height // 2 * 2, x : x + window][:, :: -1 if made else 1]
                    for a, x in zip(at, left, strict=True)
                ]
                items.append(Item(_written("pans", f"{source}-{made}", frames), tuple(queries)))
                made += 1
    return items


def _seen(
    boxes: Boxes, at: NDArray[np.int64], left: NDArray[np.int64], window: int, mirrored: bool
) -> dict[int, tuple[float, ...]]:
    """Boxes of an object where at least half of it is in the window; none unless it comes once."""
    seen: dict[int, tuple[float, ...]] = {}
    for t, (frame, x) in enumerate(zip(at.tolist(), left.tolist(), strict=True)):
        if frame in boxes:
            x1, y1, x2, y2 = boxes[frame]
            low, high = max(x1 - x, 0), min(x2 - x, window)
            if high - low >= (x2 - x1) / 2:
                seen[t] = (window - high, y1, window - low, y2) if mirrored else (low, y1, high, y2)
    once = len(seen) == max(seen, default=0) - min(seen, default=0) + 1
    return seen if once and IN_VIEW[0] < len(seen) < IN_VIEW[1] else {}


def _clips() -> list[tuple[str, Item | None, Query | None]]:
    return [(item.name, item, None) for item in clips_set()]


def _events() -> list[tuple[str, Item | None, Query | None]]:
    return [(item.name, item, query) for item in queries_set("real") for query in item.queries]


@cache
def _pictures(path: Path) -> tuple[list[Image], float]:
    """All frames of a clip, and its frame rate."""
    return pictures(path), Video.open(path).frame_rate


def _footage(
    source: str, item: Item | None, event: Query | None, seconds: float = LONGEST
) -> Footage:
    """A clip at `RATE`, or the part of a film that shows an event, up to some seconds."""
    frames, rate = _pictures(item.path if item else ROOT / "data" / "clips" / source / "video.mp4")
    first = event.truth.first if event else 0
    last = event.truth.last if event else len(frames) - 1
    n = min(round((last - first + 1) * RATE / rate), round(seconds * RATE))
    shown = np.minimum(last, first + (np.arange(n) * rate / RATE).astype(int)).tolist()
    asked = [event] if event else list(item.queries) if item else []
    said = []
    for query in asked:
        truth = query.truth.boxes
        boxes = {t: np.array(truth[i], float) for t, i in enumerate(shown) if i in truth}
        if boxes:
            said.append((query.sentence, boxes))
    return Footage(source, [frames[i] for i in shown], said)


def _resized(shot: Footage) -> Footage:
    """Footage that fills frames of `SIZE`; what lies outside is cut off."""
    height, width = shot.frames[0].shape[:2]
    scale = max(SIZE[0] / width, SIZE[1] / height)
    size = round(width * scale), round(height * scale)
    x, y = (size[0] - SIZE[0]) // 2, (size[1] - SIZE[1]) // 2
    frames = [
        cv2.resize(frame, size, interpolation=cv2.INTER_AREA)[y : y + SIZE[1], x : x + SIZE[0]]
        for frame in shot.frames
    ]
    said = []
    for sentence, boxes in shot.said:
        moved = {
            t: np.clip(box * scale - [x, y, x, y], 0, [*SIZE, *SIZE]) for t, box in boxes.items()
        }
        said.append((sentence, {t: b for t, b in moved.items() if (b[2:] - b[:2]).min() > 2}))
    return replace(shot, frames=frames, said=[(s, boxes) for s, boxes in said if boxes])


def _written(kind: str, name: str, frames: list[Image]) -> Path:
    """The file of a video; written unless it is there."""
    path = FOLDER / kind / name / "video.mp4"
    if not path.exists():
        write(path, frames, RATE, crf=18)
    return path
