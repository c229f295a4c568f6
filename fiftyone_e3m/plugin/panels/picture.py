"""The picture of a frame as a Plotly figure, in which the candidates can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ...dataset.labels import RelativeBox
from ...regrounding import Candidate
from ...texts import shortened
from .shared import PLOT

HEIGHT = 300
"""Of the picture in pixels."""
COLUMNS, ROWS = 64, 48
"""Cells of the invisible grid over the picture: Plotly tells clicks on data only."""
OTHER = "#ffffff"
LONGEST = 24
"""Most characters of a class."""


def hit(candidates: Sequence[Candidate], x: float, y: float) -> Candidate | None:
    """The smallest candidate at a place of the picture, or next to it.

    Args:
        candidates: what there is.
        x: 0..1 from the left.
        y: 0..1 from the top.

    Example:
        >>> large, small = Candidate("car", [0, 0, 1, 1]), Candidate("dog", [0.2, 0.2, 0.1, 0.1])
        >>> hit([large, small], 0.25, 0.25).label, hit([large, small], 0.8, 0.8).label
        ('dog', 'car')
        >>> hit([small], 0.8, 0.8)
    """
    across, down = 0.5 / COLUMNS, 0.5 / ROWS
    there = [
        candidate
        for candidate in candidates
        for left, top, width, height in [candidate.box]
        if left - across <= x <= left + width + across and top - down <= y <= top + height + down
    ]
    return min(there, key=lambda candidate: candidate.box[2] * candidate.box[3], default=None)


def name_of(candidate: Candidate) -> str:
    """What a candidate is called in the picture."""
    return shortened(candidate.label, LONGEST) or "object"


def picture_figure(
    image: str,
    size: tuple[int, int],
    tube: RelativeBox | None,
    colour: str,
    others: Sequence[Candidate],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Draws a frame with the box of a tube, and those that can be chosen instead.

    Args:
        image: the frame as a data URI.
        size: its width and height.
        tube: the box of the tube.
        colour: colour of that box.
        others: the candidates; without any, the picture cannot be clicked.

    Returns:
        Traces and layout.
    """
    width, height = size
    shapes = [_rectangle(each.box, OTHER, "dot") for each in others]
    shapes += [_rectangle(tube, colour, "solid")] if tube else []
    place = {"x": 0, "y": 0, "sizex": 1, "sizey": 1, "xref": "x", "yref": "y", "sizing": "stretch"}
    hidden = {"visible": False, "fixedrange": True}
    layout = PLOT | {
        "height": HEIGHT,
        "margin": dict.fromkeys("lrtb", 0),
        "xaxis": {"range": [0, 1], "constrain": "domain"} | hidden,
        "yaxis": {"range": [1, 0], "scaleanchor": "x", "scaleratio": height / width} | hidden,
        "images": [{"source": image, "layer": "below"} | place],
        "shapes": shapes,
        "annotations": [_caption(each) for each in others],
        "dragmode": False,
        "hovermode": "closest",
    }
    return [_grid(others)], layout


def _grid(others: Sequence[Candidate]) -> dict[str, Any]:
    """An invisible grid that takes the clicks and tells what would be chosen."""
    xs = [(i + 0.5) / COLUMNS for i in range(COLUMNS)]
    ys = [(i + 0.5) / ROWS for i in range(ROWS)]
    found = [[hit(others, x, y) for x in xs] for y in ys]
    texts = [[f"follow this: {name_of(each)}" if each else "" for each in row] for row in found]
    return {
        "type": "heatmap",
        "name": "picture",
        "x": xs,
        "y": ys,
        "z": [[0] * COLUMNS] * ROWS,
        "text": texts,
        "hoverinfo": "text",
        "showscale": False,
        "colorscale": [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]],
    }


def _rectangle(box: RelativeBox, colour: str, dash: str) -> dict[str, Any]:
    x, y, w, h = box
    line = {"color": colour, "width": 2, "dash": dash}
    return {"type": "rect", "x0": x, "x1": x + w, "y0": y, "y1": y + h, "line": line}


def _caption(candidate: Candidate) -> dict[str, Any]:
    x, y, _, _ = candidate.box
    ground = {"bgcolor": "rgba(0, 0, 0, .6)", "font": {"color": OTHER, "size": 11}}
    anchor = {"xanchor": "left", "yanchor": "top", "showarrow": False}
    return {"x": max(0, x), "y": max(0, y), "text": escape(name_of(candidate))} | ground | anchor
