"""The relevance timelines of a video as a Plotly figure: a row per sentence above one time axis.

Colours are readable on a light and on a dark ground; those of texts and axes are the App's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...dataset.labels import Span
from ...review.timelines import Timeline
from .shared import GREY, PLOT
from .timeline_row import MARGIN, ORIGINAL, TRUTH, Row

ONE, SEVERAL = 150, 52
"""Height of the only row, and of one of several, without the sentence above, in pixels."""
ABOVE, BELOW = 34, 40
"""Height of the legend and of the time axis, in pixels."""
GRID = "rgba(128, 128, 128, .25)"

Figure = tuple[list[dict[str, Any]], dict[str, Any]]


def timeline_figure(
    timelines: Sequence[Timeline],
    chosen: int = 0,
    truths: Mapping[str, Span] | None = None,
    cursor: int | None = None,
) -> Figure:
    """Draws the timelines of a video.

    Args:
        timelines: the timelines, at least one, from top to bottom.
        chosen: number of the chosen row, from 0; its sentence is bold.
        truths: first and last frame of the true event by sentence, 1-based.
        cursor: a frame to mark.

    Returns:
        Traces and layout, the latter with the height in pixels. The first traces are the curves,
        in the order of the rows.
    """
    truths = truths or {}
    rows = [
        Row(timeline, number, truths.get(timeline.query), number == chosen)
        for number, timeline in enumerate(timelines)
    ]
    traces = [row.curve() for row in rows] + [mark for row in rows for mark in row.marks()]
    shapes = [band for row in rows for band in row.bands()]
    if cursor is not None:
        at = timelines[0].seconds(cursor)
        line = {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"}
        shapes.append(line | {"line": {"color": GREY, "dash": "dot"}})
    return traces + _legend(rows), _layout(rows, shapes)


def _legend(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Entries for what there is; bands, as shapes, have none of their own."""
    timelines = [row.timeline for row in rows]
    marks = {
        "event": ("square", rows[0].colour if len(rows) == 1 else GREY, True),
        "ground truth": ("square", TRUTH, any(row.truth for row in rows)),
        "before correction": ("square", ORIGINAL, any(t.original for t in timelines)),
        "atomic events": ("line-ns-open", GREY, any(t.atomic_starts[1:] for t in timelines)),
        "prototypes": ("diamond", GREY, any(t.prototypes for t in timelines)),
    }
    return [
        {"type": "scatter", "mode": "markers", "name": name, "x": [None], "y": [None]}
        | {"marker": {"symbol": symbol, "size": 9, "color": colour}}
        for name, (symbol, colour, there) in marks.items()
        if there
    ]


def _layout(rows: Sequence[Row], shapes: list[dict[str, Any]]) -> dict[str, Any]:
    each = ONE if len(rows) == 1 else SEVERAL
    inside = sum(row.title_height + each for row in rows)
    axes: dict[str, Any] = {}
    titles = []
    bottom = 1.0
    for row in rows:
        top = bottom - row.title_height / inside
        bottom = top - each / inside
        ticks = {"tickvals": [0, 1], "color": GREY, "zeroline": False, "fixedrange": True}
        ticks |= {"gridcolor": GRID}  # FiftyOne's theme knows the first axis only
        axes[row.axis_name] = {"domain": [max(bottom, 0), top], "range": [-0.2, 1.2]} | ticks
        titles.append(row.title(top))
    frames = [row.timeline for row in rows if len(row.timeline.frames)]
    end = max((t.seconds(int(t.frames[-1]) + 1) for t in frames), default=1)
    # below the lowest row, whatever the axis of the first trace
    anchor = {"anchor": "y" if len(rows) == 1 else f"y{len(rows)}", "fixedrange": True}
    seconds = {"title": {"text": "seconds"}, "range": [0, end], "zeroline": False}
    return (
        PLOT
        | axes
        | {
            "height": ABOVE + inside + BELOW,
            "margin": {"l": MARGIN, "r": 12, "t": ABOVE, "b": BELOW},
            "xaxis": seconds | anchor,
            "showlegend": True,
            "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0}
            | {"bgcolor": "rgba(0,0,0,0)"},
            "hovermode": "x",
            "dragmode": False,
            "shapes": shapes,
            "annotations": titles,
        }
    )
