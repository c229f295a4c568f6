"""The relevance timeline as a Plotly figure: data and layout as plain dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..review.timelines import Span, Timeline

CURVE, EVENT, TRUTH, PROTOTYPE, CURSOR, TEXT = (
    "#e0e0e0",
    "#ff6d04",
    "#4caf50",
    "#29b6f6",
    "#ffffff",
    "#b0b0b0",
)
MAX_POINTS = 2000
"""More points than a screen has columns only cost time."""

Figure = tuple[list[dict[str, Any]], dict[str, Any]]


def timeline_figure(
    timeline: Timeline, truth: Span | None = None, cursor: int | None = None
) -> Figure:
    """Draws a timeline.

    Args:
        timeline: what to draw.
        truth: first and last frame of the true event, 1-based.
        cursor: a frame to mark.

    Returns:
        Traces and layout.
    """
    step = -(-len(timeline.frames) // MAX_POINTS) or 1
    traces = [
        _trace(timeline, timeline.frames[::step].tolist(), "relevance", CURVE)
        | {"mode": "lines", "fill": "tozeroy", "fillcolor": "rgba(224, 224, 224, .12)"}
    ]
    if timeline.atomic_starts[1:]:
        traces.append(
            _trace(timeline, timeline.atomic_starts[1:], "atomic events", TEXT, height=0.0)
            | {"mode": "markers", "marker": {"symbol": "line-ns-open", "size": 14, "color": TEXT}}
        )
    if timeline.prototypes:
        frames, weights = zip(*timeline.prototypes, strict=True)
        sizes = [8 + 10 * weight for weight in weights]
        traces.append(
            _trace(timeline, frames, "prototypes", PROTOTYPE, None, "prototype, weight", weights)
            | {"mode": "markers", "marker": {"symbol": "diamond", "size": sizes}}
        )
    shapes = [_band(timeline, timeline.event, EVENT, 0.0, 1.0)]
    if truth:
        shapes.append(_band(timeline, truth, TRUTH, 1.01, 1.09))
    if timeline.original:
        shapes.append(_band(timeline, timeline.original, TEXT, -0.08, -0.01))
    if cursor is not None:
        at = timeline.seconds(cursor)
        shapes.append(_shape("line", (at, at), (0, 1), line={"color": CURSOR, "dash": "dot"}))
    return traces + _legend(truth is not None, timeline.original is not None), _layout(
        timeline, shapes
    )


def _trace(
    timeline: Timeline,
    frames: Sequence[int],
    name: str,
    colour: str,
    height: float | None = None,
    note: str = "relevance",
    values: Sequence[float] | None = None,
) -> dict[str, Any]:
    heights = [timeline.relevance_at(f) if height is None else height for f in frames]
    shown = heights if values is None else values
    return {
        "type": "scatter",
        "name": name,
        "x": [timeline.seconds(frame) for frame in frames],
        "y": heights,
        "text": [
            f"{timeline.seconds(f):.2f} s, frame {f}<br>{note} {v:.2f}"
            for f, v in zip(frames, shown, strict=True)
        ],
        "hoverinfo": "text",
        "line": {"color": colour},
        "marker": {"color": colour},
    }


def _band(timeline: Timeline, span: Span, colour: str, bottom: float, top: float) -> dict[str, Any]:
    ends = (timeline.seconds(span[0]), timeline.seconds(span[1] + 1))
    style = {"fillcolor": colour, "opacity": 0.3 if top == 1 else 0.9, "line": {"width": 0}}
    return _shape("rect", ends, (bottom, top), **style)


def _legend(has_truth: bool, is_corrected: bool) -> list[dict[str, Any]]:
    """Entries for the bands, which as shapes have none of their own."""
    bands = [("event", EVENT), ("ground truth", TRUTH), ("before correction", TEXT)]
    shown = (True, has_truth, is_corrected)
    return [
        {"type": "scatter", "mode": "markers", "name": name, "x": [None], "y": [None]}
        | {"marker": {"symbol": "square", "size": 10, "color": colour}}
        for (name, colour), there in zip(bands, shown, strict=True)
        if there
    ]


def _shape(
    kind: str, x: tuple[float, float], y: tuple[float, float], **style: Any
) -> dict[str, Any]:
    return {"type": kind, "x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1], "layer": "below"} | style


def _layout(timeline: Timeline, shapes: list[dict[str, Any]]) -> dict[str, Any]:
    end = timeline.seconds(int(timeline.frames[-1]) + 1) if len(timeline.frames) else 1
    return {
        "height": 260,
        "margin": {"l": 40, "r": 12, "t": 36, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 11},
        "xaxis": {"title": {"text": "seconds"}, "range": [0, end], "zeroline": False},
        "yaxis": {"range": [-0.1, 1.1], "tickvals": [0, 0.5, 1], "zeroline": False},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "x",
        "dragmode": False,
        "shapes": shapes,
    }
