"""The relevance timeline as a Plotly figure: traces and layout as plain dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...dataset.labels import Span
from ...review.timelines import Timeline
from .shared import PLOT

CURVE, EVENT, TRUTH, PROTOTYPE, CURSOR, TEXT = (
    "#e0e0e0",
    "#ff6d04",
    "#4caf50",
    "#29b6f6",
    "#ffffff",
    "#b0b0b0",
)
MAX_POINTS = 2000
"""Maximum number of points; more than a screen has columns only cost time."""

Figure = tuple[list[dict[str, Any]], dict[str, Any]]


def timeline_figure(
    timeline: Timeline, truth: Span | None = None, cursor: int | None = None
) -> Figure:
    """Draws a timeline.

    Args:
        timeline: the timeline to draw.
        truth: first and last frame of the true event, 1-based.
        cursor: a frame to mark.

    Returns:
        Traces and layout.
    """
    traces = [_curve(timeline)]
    if timeline.atomic_starts[1:]:
        ticks = {"symbol": "line-ns-open", "size": 14, "color": TEXT}
        traces.append(_marks(timeline, timeline.atomic_starts[1:], 0.0, "atomic events", ticks))
    if timeline.prototypes:
        frames, weights = zip(*timeline.prototypes, strict=True)
        sizes = [8 + 10 * weight for weight in weights]
        diamonds = {"symbol": "diamond", "size": sizes, "color": PROTOTYPE}
        traces.append(_marks(timeline, frames, None, "prototypes", diamonds))
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


def _curve(timeline: Timeline) -> dict[str, Any]:
    """The relevance curve, the only trace with hover text, so that a click selects one frame."""
    step = -(-len(timeline.frames) // MAX_POINTS) or 1
    notes = dict.fromkeys(timeline.atomic_starts[1:], "<br>an atomic event begins")
    for frame, weight in timeline.prototypes:
        notes[frame] = notes.get(frame, "") + f"<br>prototype, weight {weight:.2f}"
    relevance = dict(zip(timeline.frames.tolist(), timeline.relevance.tolist(), strict=True))
    shown = sorted({*timeline.frames[::step].tolist(), *notes} & set(relevance))
    return {
        "type": "scatter",
        "name": "relevance",
        "mode": "lines",
        "x": [timeline.seconds(frame) for frame in shown],
        "y": [relevance[frame] for frame in shown],
        "text": [
            f"{timeline.seconds(frame):.2f} s, frame {frame}<br>"
            f"relevance {relevance[frame]:.2f}{notes.get(frame, '')}"
            for frame in shown
        ],
        "hoverinfo": "text",
        "line": {"color": CURVE},
        "fill": "tozeroy",
        "fillcolor": "rgba(224, 224, 224, .12)",
    }


def _marks(
    timeline: Timeline,
    frames: Sequence[int],
    height: float | None,
    name: str,
    marker: dict[str, Any],
) -> dict[str, Any]:
    """Marks at frames, at a given height or, if None, on the curve."""
    return {
        "type": "scatter",
        "name": name,
        "mode": "markers",
        "x": [timeline.seconds(frame) for frame in frames],
        "y": [timeline.relevance_at(frame) if height is None else height for frame in frames],
        "hoverinfo": "skip",
        "marker": marker,
    }


def _band(timeline: Timeline, span: Span, colour: str, bottom: float, top: float) -> dict[str, Any]:
    style = {"fillcolor": colour, "opacity": 0.3 if top == 1 else 0.9, "line": {"width": 0}}
    return _shape("rect", timeline.ends(span), (bottom, top), **style)


def _legend(has_truth: bool, is_corrected: bool) -> list[dict[str, Any]]:
    """Legend entries for the bands; as shapes, they have none of their own."""
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
    return PLOT | {
        "height": 260,
        "margin": {"l": 40, "r": 12, "t": 36, "b": 40},
        "xaxis": {"title": {"text": "seconds"}, "range": [0, end], "zeroline": False},
        "yaxis": {"range": [-0.1, 1.1], "tickvals": [0, 0.5, 1], "zeroline": False},
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "x",
        "dragmode": False,
        "shapes": shapes,
    }
