"""How long a run will take, from how long earlier runs and previews on the dataset took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import fiftyone as fo

from ..request import Request
from .signals import store


@dataclass(frozen=True)
class Pace:
    """How fast videos were grounded.

    Attributes:
        rate: seconds of work per second of video.
        length: seconds that these videos lasted on average.
    """

    rate: float
    length: float


def length_of(dataset: fo.Dataset, ids: Sequence[str]) -> float | None:
    """Seconds of video of these samples, as their metadata say.

    Samples without metadata count as long as the others are on average; None if none has any.
    """
    known = [x for x in dataset.select(ids).values("metadata.duration") if x is not None]
    return sum(known) / len(known) * len(ids) if known else None


def note_pace(
    dataset: fo.Dataset, request: Request, seconds: float, lengths: Sequence[float]
) -> None:
    """Keeps how long something took, unless the same took longer before.

    What finds its features in the cache says little about videos that are not there.

    Args:
        dataset: the dataset.
        request: what was done.
        seconds: how long it took.
        lengths: seconds that each of its videos lasts; 0 where that is not known.
    """
    known = [length for length in lengths if length > 0]
    if not known:
        return
    pace, before = Pace(seconds / sum(known), sum(known) / len(known)), pace_of(dataset, request)
    if before is None or pace.rate >= before.rate:
        store(dataset).set(_key(request), asdict(pace))


def pace_of(dataset: fo.Dataset, request: Request) -> Pace | None:
    """How fast the same models are with the same sampling; None if that is not known."""
    kept = store(dataset).get(_key(request))
    return Pace(**kept) if kept else None


def _key(request: Request) -> str:
    """What decides how long a run takes."""
    settings = request.settings
    boxes = settings["detector"] or "boxes of the dataset"
    place = f"/{request.device}" if request.device else ""
    return f"pace/{settings['encoder']}/{boxes}/{request.config.sample_fps:g}{place}"
