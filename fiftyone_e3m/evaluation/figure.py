"""The plot of an evaluation as a Plotly figure: traces and layout as plain dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np

from .metrics import THRESHOLDS, above
from .pairs import (
    BOTH_RIGHT,
    IN_TIME,
    NEARLY_RIGHT,
    NEITHER,
    NO_SHARED_FRAME,
    NOT_IN_TIME,
    NOT_PREDICTED,
    RIGHT,
    TIME_VERDICTS,
    VERDICTS,
    WRONG_OBJECT,
    WRONG_TIME,
    Pair,
)

Figure = tuple[list[dict[str, Any]], dict[str, Any]]

N_BINS = 20
WIDTH = 50
"""Characters per line of the hover text."""
LINE = {"color": "#9e9e9e", "width": 1, "dash": "dot"}
AXIS = {"gridcolor": "rgba(128, 128, 128, .25)", "zeroline": False}
MARKERS = {
    BOTH_RIGHT: ("#4caf50", "circle"),
    NEARLY_RIGHT: ("#c0a000", "circle"),
    WRONG_TIME: ("#29b6f6", "circle"),
    WRONG_OBJECT: ("#ff6d04", "circle"),
    NEITHER: ("#9e9e9e", "circle"),
    NO_SHARED_FRAME: ("#ab7df6", "diamond-open"),
    NOT_PREDICTED: ("#e53935", "x"),
    IN_TIME: ("#4caf50", "circle"),
    NOT_IN_TIME: ("#29b6f6", "circle"),
}
"""Colour and symbol of each verdict."""


def evaluation_figure(pairs: Sequence[Pair]) -> Figure:
    """Plots the scores of pairs, and whether the time or the object is wrong.

    Args:
        pairs: scored pairs. For those with true boxes, the vIoU and tIoU against box IoU are drawn.
            If no pair has true boxes, the tIoU of all pairs is drawn instead.

    Returns:
        Traces and layout.
    """
    boxed = [pair for pair in pairs if pair.viou is not None]
    verdicts = VERDICTS if boxed else TIME_VERDICTS
    shown = boxed or pairs
    groups = {v: [pair for pair in shown if pair.verdict == v] for v in verdicts}
    groups = {verdict: group for verdict, group in groups.items() if group}
    traces = [_bars(verdict, group) for verdict, group in groups.items()]
    highest = max(map(sum, zip(*(trace["y"] for trace in traces), strict=True)))
    metric, left = ("vIoU", [0, 0.44]) if boxed else ("tIoU", [0, 1])
    titles = [_title(_summary(shown, metric), left[0])]
    shapes = [_line("x", at, "paper") for at in THRESHOLDS]
    layout: dict[str, Any] = {
        "height": 380,
        "margin": {"l": 48, "r": 16, "t": 88, "b": 48},
        "barmode": "stack",
        "bargap": 0.05,
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.12, "yanchor": "bottom"},
        "hovermode": "closest",
        "xaxis": AXIS | {"title": {"text": metric}, "range": [0, 1], "domain": left},
        "yaxis": AXIS | {"title": {"text": "pairs"}, "dtick": -(-highest // 8)},
        "shapes": shapes,
        "annotations": titles,
    }
    if boxed:
        traces += [_isoline(threshold) for threshold in THRESHOLDS]
        traces += [_points(verdict, group) for verdict, group in groups.items()]
        to_one = AXIS | {"range": [-0.04, 1.04]}
        time = {"title": {"text": "tIoU: the time"}, "domain": [0.56, 1], "anchor": "y2"}
        place = {"title": {"text": "box IoU: the object"}, "anchor": "x2"}
        layout |= {"xaxis2": to_one | time, "yaxis2": to_one | place}
        titles.append(_title("What failed: time or object", 0.56))
        shapes += [_line("x2", RIGHT, "y2"), _line("y2", RIGHT, "x2")]
    return traces, layout


def _bars(verdict: str, pairs: Sequence[Pair]) -> dict[str, Any]:
    """One layer of the histogram; its legend entry shows the number of pairs."""
    edges = np.linspace(0, 1, N_BINS + 1)
    counts, _ = np.histogram([min(pair.quality, 1) for pair in pairs], edges)
    return {
        "type": "bar",
        "name": f"{verdict}: {len(pairs)}",
        "legendgroup": verdict,
        "x": ((edges[:-1] + edges[1:]) / 2).round(4).tolist(),
        "y": counts.tolist(),
        "text": [
            f"{low:.2f} - {high:.2f}: {n} {verdict}"
            for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
        ],
        "textposition": "none",
        "hoverinfo": "text",
        "marker": {"color": MARKERS[verdict][0]},
    }


def _points(verdict: str, pairs: Sequence[Pair]) -> dict[str, Any]:
    """A point per pair; without a shared frame there is no box IoU, and the point lies at 0."""
    colour, symbol = MARKERS[verdict]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": verdict,
        "legendgroup": verdict,
        "showlegend": False,
        "x": [pair.tiou for pair in pairs],
        "y": [pair.box_iou or 0 for pair in pairs],
        "text": [_hover(pair) for pair in pairs],
        "hoverinfo": "text",
        "marker": {"color": colour, "symbol": symbol, "size": 9},
        "cliponaxis": False,
        "xaxis": "x2",
        "yaxis": "y2",
    }


def _hover(pair: Pair) -> str:
    sentence = "<br>".join(escape(line) for line in wrap(pair.query, WIDTH))
    lines = [f"<b>{escape(pair.video)}</b>", sentence]
    if pair.predicted is None:
        return "<br>".join([*lines, f"{NOT_PREDICTED} ({pair.absence})"])
    if pair.corrected:
        lines.append("corrected by hand")
    box_iou = "-" if pair.box_iou is None else f"{pair.box_iou:.2f}"
    predicted, true = (f"{first} - {last}" for first, last in (pair.predicted, pair.true))
    lines.append(f"tIoU {pair.tiou:.2f}, box IoU {box_iou}, vIoU {pair.viou:.2f}")
    lines.append(f"predicted frames {predicted}, true {true}")
    return "<br>".join(lines)


def _isoline(viou: float) -> dict[str, Any]:
    """The curve of a constant vIoU, which is tIoU times box IoU."""
    x = np.linspace(viou, 1, 50)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"vIoU {viou}",
        "showlegend": False,
        "x": x.round(4).tolist(),
        "y": (viou / x).round(4).tolist(),
        "hoverinfo": "name",
        "line": LINE,
        "xaxis": "x2",
        "yaxis": "y2",
    }


def _line(axis: str, at: float, across: str) -> dict[str, Any]:
    """A line at a value of one axis, across the full range of the other."""
    along, other = axis[0], "y" if axis[0] == "x" else "x"
    ends = {f"{along}ref": axis, f"{along}0": at, f"{along}1": at}
    span = [0, 1] if across == "paper" else [-0.04, 1.04]
    ends |= {f"{other}ref": across, f"{other}0": span[0], f"{other}1": span[1]}
    return {"type": "line", "line": LINE, "layer": "below"} | ends


def _title(text: str, x: float) -> dict[str, Any]:
    """The title of a plot, above its left corner."""
    place = {"xref": "paper", "yref": "paper", "x": x, "y": 1, "xanchor": "left"}
    return {"text": text, "showarrow": False, "yanchor": "bottom", "font": {"size": 13}} | place


def _summary(pairs: Sequence[Pair], metric: str) -> str:
    shares = (
        f"{np.mean([above(pair.quality, threshold) for pair in pairs]):.0%} above {threshold}"
        for threshold in THRESHOLDS
    )
    return f"{metric} of {len(pairs)} pair{'s'[: len(pairs) != 1]}: {', '.join(shares)}"
