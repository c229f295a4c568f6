"""The stages of several runs as stacked bars."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import Patch

COLOURS = {
    "decode": "#000000",
    "cuts": "#D55E00",
    "detect": "#E69F00",
    "crop": "#CC79A7",
    "encode images": "#56B4E9",
    "encode texts": "#0072B2",
    "everything else": "#009E73",
}
"""Okabe and Ito's colours, which colour-blind people can tell apart."""


def draw(videos: Mapping[str, Mapping[str, Mapping[str, float]]], path: Path) -> None:
    """Draws one bar per video and way.

    Args:
        videos: seconds by stage, by way, by video; stages without a colour count as everything
            else.
        path: where to write the PNG; its folder is created.
    """
    bars = [(name, way, s) for name, ways in videos.items() for way, s in ways.items()]
    figure = Figure(figsize=(10, 0.42 * len(bars) + 0.45 * len(videos) + 1.3), layout="constrained")
    axes = figure.subplots()
    place, labels = 0.0, {}
    for i, (name, way, seconds) in enumerate(bars):
        if i and name != bars[i - 1][0]:
            place += 0.8  # a gap between videos
        left = 0.0
        for stage, width in _grouped(seconds).items():
            axes.barh(place, width, left=left, color=COLOURS[stage], height=0.75)
            left += width
        axes.text(left, place, f" {left:.1f} s", va="center")
        labels[place] = f"{name}: {way}"
        place += 1
    axes.set_yticks(list(labels), list(labels.values()))
    axes.invert_yaxis()
    axes.set_xlabel("seconds")
    axes.margins(x=0.1)
    axes.spines[["top", "right"]].set_visible(False)
    handles = [Patch(color=colour) for colour in COLOURS.values()]
    figure.legend(
        handles, list(COLOURS), ncols=len(COLOURS), loc="outside upper center", fontsize=9
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _grouped(seconds: Mapping[str, float]) -> dict[str, float]:
    grouped = dict.fromkeys(COLOURS, 0.0)
    for stage, value in seconds.items():
        grouped[stage if stage in COLOURS else "everything else"] += value
    return grouped
