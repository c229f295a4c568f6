"""Films of an hour whose events are known: real clips at drawn times, among other footage.

A film is a series of takes. A take walks through the frames of a real clip, forwards and backwards,
so it is continuous whatever its length. There are two kinds of events:

* a *shot*: a take of its own, which shows the event from its first to its last frame;
* a *passing*: a take of minutes, most of which shows the same place without the event.

All sentences of a film are about people, or animals, or things. The rest of it is padding: takes
of clips that show nothing of the kind, mirrored or not. Films of the kind "edited" consist of short
shots for the most part, those of the kind "takes" of takes of minutes.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from fiftyone_e3m.cache import digest
from fiftyone_e3m.evaluation.metrics import TimedBoxes
from fiftyone_e3m.video import Image, Video

from .footage import pictures, walk, write
from .shared_data import ROOT, Item, Query, clips_set, queries_set

SECONDS, RATE, SIZE = 3600, 8, (640, 360)
"""Length of a film; its frames per second; their width and height."""
EVENT = 5.0, 15.0
"""Shortest and longest event, in seconds."""
SHORT, LONG = (3.0, 20.0), (60.0, 240.0)
"""Shortest and longest padding shot and padding take, in seconds."""
OF_SHOTS = {"edited": 0.7, "takes": 0.05}
"""Share of the padding that short shots are, in each kind of film."""
FOLDER = Path(os.environ.get("E3M_FILMS", Path(tempfile.gettempdir()) / "e3m-films"))
THEMES = ("person", "animal", "thing")
"""What the sentences of a film are about; nothing of the kind is in its padding."""
SHOWN = {
    "davis_blackswan": ("animal",),
    "davis_camel": ("animal",),
    "davis_libby": ("animal",),
    "davis17_dogs-jump": ("animal", "person"),
    "opossum-snow": ("animal", "person", "thing"),
    "davis_breakdance": ("person",),
    "davis_parkour": ("person",),
    "davis17_schoolgirls": ("person",),
    "wall-jump": ("person", "thing"),
    "woman-laughing": ("person",),
    "davis_bmx-trees": ("person", "thing"),
    "davis_scooter-black": ("person", "thing"),
    "courtyard-a": ("person", "thing"),
    "market-street-b": ("person", "thing", "animal"),
    "otb_woman": ("person", "thing"),
    "pets09_s2l1": ("person", "thing"),
    "hand-box": ("person", "thing"),
    "davis_car-shadow": ("thing",),
    "coin-pen": ("thing",),
}
"""What each clip shows; first what a sentence is about that does not tell."""
UNCERTAIN = ("smiles", "tilts", "what is the hand", "white cable car", "behind the open car")
"""Sentences of `real` with fuzzy borders, or that cover most of a clip that shows nothing else."""


@dataclass(frozen=True, eq=False)
class Take:
    """A walk through a clip.

    Attributes:
        path: the clip.
        at: (N,) frame of the clip that each frame of the take shows.
        mirrored: whether it is mirrored.
        query: the sentence that part of it shows; None for padding.
    """

    path: Path
    at: NDArray[np.int64]
    mirrored: bool = False
    query: Query | None = None


@dataclass(frozen=True, eq=False)
class Event:
    """A sentence and the clip that shows it.

    Attributes:
        item: the clip.
        query: the sentence, with its truth in frames of the clip.
        passing: whether the clip goes on before or after the event.
    """

    item: Item
    query: Query
    passing: bool

    @property
    def theme(self) -> str:
        """What the sentence is about."""
        if "woman" in self.query.sentence:
            return "person"
        tagged = {"person", "animal", "vehicle", "object"} & set(self.query.tags)
        kind = next(iter(tagged), SHOWN[self.query.source][0])
        return kind if kind in THEMES else "thing"


def films(n: int, n_events: int) -> list[Item]:
    """`n` films with up to `n_events` sentences each; written unless they are there.

    Film `i` is drawn with seed `i`; themes take turns, and so do "edited" and "takes".
    """
    events = _events()
    return [_film(i, n_events, events) for i in range(n)]


def _events() -> list[Event]:
    """All sentences that films are made from."""
    events = [Event(item, query, False) for item in clips_set() for query in item.queries]
    events += [Event(item, query, True) for item in queries_set("panned") for query in item.queries]
    for item in queries_set("real"):
        n_frames = Video.open(item.path).frame_count
        n_shots = len(json.loads((item.path.parent / "queries.json").read_text())["shots"])
        for query in item.queries:
            if not any(part in query.sentence for part in UNCERTAIN):
                throughout = query.truth.last - query.truth.first + 1 == n_frames
                events.append(Event(item, query, n_shots == 1 and not throughout))
    return events


def _film(seed: int, n_events: int, events: list[Event]) -> Item:
    """Draws a film, and writes it unless it is there; half of its events are passings."""
    rng = np.random.default_rng(seed)
    theme, kind = THEMES[seed % len(THEMES)], list(OF_SHOTS)[seed % len(OF_SHOTS)]
    chosen: list[Event] = []
    for i in rng.permutation(len(events)).tolist():
        event = events[i]
        alike = sum(event.passing == other.passing for other in chosen)
        met = event.query.source in {other.query.source for other in chosen}
        if event.theme == theme and alike < n_events / 2 and not met:
            chosen.append(event)
    shown = [_shown(event, rng) for event in chosen]
    left = SECONDS * RATE - sum(len(take.at) for take in shown)
    takes = _padding(OF_SHOTS[kind], left, theme, rng)
    for take in shown:
        takes.insert(int(rng.integers(1, len(takes))), take)
    about = [(take.path.parent.name, take.at, take.mirrored) for take in takes]
    path = FOLDER / f"{theme}-{kind}-{digest(SIZE, RATE, *about)[:12]}" / "video.mp4"
    if not path.exists():
        write(path, _frames(takes), RATE, crf=23, preset="veryfast")
    ends = np.cumsum([len(take.at) for take in takes]).tolist()
    return Item(path, tuple(_moved(t, end) for t, end in zip(takes, ends, strict=True) if t.query))


def _shown(event: Event, rng: np.random.Generator) -> Take:
    """The take of an event: slowed or repeated until it lasts as long as events do."""
    truth, video = event.query.truth, Video.open(event.item.path)
    step, length = video.frame_rate / RATE, round(rng.uniform(*EVENT) * RATE)
    if not event.passing:
        at = walk(truth.first, truth.last, length, step)
        return Take(event.item.path, at, query=event.query)
    length = max(length, round((truth.last - truth.first + 1) / step))
    parts = [np.linspace(truth.first, truth.last, length).round().astype(int)]
    early, late = (rng.uniform(*LONG, 2) / 2 * RATE).round().astype(int).tolist()
    if truth.first > 2 * step:  # walks from the event back to the start, shown in reverse
        parts.insert(0, truth.first - 1 - walk(0, truth.first - 1, early, step)[::-1])
    if video.frame_count - 1 - truth.last > 2 * step:
        parts.append(walk(truth.last + 1, video.frame_count - 1, late, step))
    return Take(event.item.path, np.concatenate(parts), query=event.query)


def _padding(of_shots: float, n: int, theme: str, rng: np.random.Generator) -> list[Take]:
    """Takes of `n` frames in total, `of_shots` of them in short shots."""
    folders = [path.parent for path in sorted((ROOT / "data").glob("clips/*/video.mp4"))]
    folders += [path.parent for path in sorted((ROOT / "data").glob("real/*/video.mp4"))]
    clips = [folder / "video.mp4" for folder in folders if theme not in SHOWN[folder.name]]
    mean = {True: sum(SHORT) / 2, False: sum(LONG) / 2}
    chance = of_shots / mean[True] / (of_shots / mean[True] + (1 - of_shots) / mean[False])
    takes: list[Take] = []
    while n > 0:
        lengths = SHORT if rng.random() < chance else LONG
        length = min(n, round(rng.uniform(*lengths) * RATE))
        video = Video.open(clips[int(rng.integers(len(clips)))])
        last, step = video.frame_count - 1, video.frame_rate / RATE
        first = int(rng.integers(max(1, last - round(length * step))))
        at = walk(first, last, length, step)
        takes.append(Take(video.path, at, bool(rng.random() < 0.5)))
        n -= length
    return takes


def _moved(take: Take, end: int) -> Query:
    """The query of a take that ends before frame `end` of the film, tagged "shot" or "passing"."""
    query = cast("Query", take.query)
    video, truth = Video.open(take.path), query.truth
    shown = np.flatnonzero((take.at >= truth.first) & (take.at <= truth.last))
    moved = shown + end - len(take.at)
    scale = np.array([SIZE[0] / video.width, SIZE[1] / video.height] * 2)
    boxes = {
        int(to): np.asarray(truth.boxes[int(take.at[at])]) * scale
        for at, to in zip(shown, moved, strict=True)
        if int(take.at[at]) in truth.boxes
    }
    tags = (*query.tags, "passing" if len(shown) < len(take.at) else "shot")
    return replace(query, truth=TimedBoxes(int(moved[0]), int(moved[-1]), boxes), tags=tags)


def _frames(takes: Iterable[Take]) -> Iterator[Image]:
    """The pictures of takes, one after another."""
    for take in takes:
        shown = _pictures(take.path)
        for at in take.at.tolist():
            yield shown[at][:, ::-1] if take.mirrored else shown[at]


@cache
def _pictures(path: Path) -> list[Image]:
    """All frames of a clip at the size of films."""
    return [cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in pictures(path)]
