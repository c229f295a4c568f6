"""How the App first shows a grounding: which labels it draws, and a colour for each sentence.

FiftyOne keeps both in the dataset's `app_config`. What a user has set there is never changed, and
what we have set only grows with new labels.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import fiftyone as fo

from ..request import FRAMES
from .runs import candidate_fields, grounding_fields
from .schema import INDEX, Fields

PALETTE = (
    "#e8590c",
    "#1c7ed6",
    "#2b8a3e",
    "#ae3ec9",
    "#0c8599",
    "#d6336c",
    "#7950f2",
    "#8d6e00",
    "#e03131",
    "#5f6b7a",
)
"""Colours of the sentences of a video: readable on light and dark ground, and under white text."""
MOST_SENTENCES = 50
"""Sentences of a video that get a colour in the player; FiftyOne chooses those of further ones."""
NOTE = "@e3m/video-grounding"
"""Key of our note among the plugins in `app_config`: what was set by us, and for which labels."""


def colour_of(index: int) -> str:
    """The colour of a sentence.

    Args:
        index: its number among the sentences of its video, from 1.

    Example:
        >>> colour_of(1) == colour_of(11) != colour_of(2)
        True
    """
    return PALETTE[(index - 1) % len(PALETTE)]


def set_appearance(dataset: fo.Dataset, truth: str | None = None) -> None:
    """Draws the labels of a dataset in the App, and colours those of groundings by sentence.

    Not drawn are the relevance per sentence, which would cover the picture, the tubes before a
    correction, the candidate boxes, and accepted tubes, which are copies. The first time, it sets
    `active_fields` and `color_scheme`, each unless the user has one. Later it adds labels that are
    new since.

    Args:
        dataset: the dataset; it is saved.
        truth: a field of accepted tubes, coloured like those of the groundings.
    """
    config = dataset.app_config
    note: dict[str, Any] = config.plugins.get(NOTE) or {
        "draws": config.active_fields is None,
        "colours": config.color_scheme is None,
        "seen": [],
    }
    seen: list[str] = note["seen"]
    drawn: list[str] = fo.DatasetAppConfig.default_active_fields(dataset).paths
    new = [path for path in drawn if path not in seen]
    groundings = [Fields(name) for name in sorted(grounding_fields(dataset))]
    if note["draws"] and (config.active_fields or not seen):
        active = config.active_fields or fo.ActiveFields()
        hidden = {f"{FRAMES}{name}" for name in candidate_fields(dataset)}
        hidden |= {f"{FRAMES}{name}" for f in groundings for name in (f.queries, f.original)}
        hidden |= {f"{FRAMES}{truth}", Fields(truth).events} if truth else set()
        active.paths = [*active.paths, *(path for path in new if path not in hidden)]
        config.active_fields = active
    if note["colours"] and (config.color_scheme or not seen):
        scheme = config.color_scheme or fo.ColorScheme(color_by="value")
        tubes = [*groundings, *([Fields(truth)] if truth else [])]
        named = {p for f in tubes for p in (f"{FRAMES}{f.tube}", f"{FRAMES}{f.original}", f.events)}
        scheme.fields = [*(scheme.fields or []), *(_by_sentence(p) for p in new if p in named)]
        config.color_scheme = scheme
    config.plugins[NOTE] = note | {"seen": [*seen, *new]}
    dataset.save()


def forget_labels(dataset: fo.Dataset, paths: Collection[str]) -> None:
    """Makes labels new again that were deleted from a dataset; others of their name are drawn."""
    config = dataset.app_config
    note = config.plugins.get(NOTE)
    if not note:
        return
    config.plugins[NOTE] = note | {"seen": [path for path in note["seen"] if path not in paths]}
    if note["colours"] and config.color_scheme:
        entries = config.color_scheme.fields or []
        config.color_scheme.fields = [e for e in entries if e["path"] not in paths]
    dataset.save()


def _by_sentence(path: str) -> dict[str, Any]:
    """An entry of a colour scheme: a colour for each number of a sentence."""
    numbers = range(1, MOST_SENTENCES + 1)
    colours = [{"value": str(number), "color": colour_of(number)} for number in numbers]
    return {"path": path, "colorByAttribute": INDEX, "valueColors": colours}
