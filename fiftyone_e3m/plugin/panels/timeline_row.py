"""One sentence in the figure of the relevance timelines: curve, marks, bands, title."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import Any
from unicodedata import east_asian_width

from ...dataset.appearance import colour_of
from ...dataset.labels import Span
from ...review.timelines import Timeline
from ...texts import one_line, shortened
from .shared import GREY

TRUTH, ORIGINAL = "#4caf50", "#9e9e9e"
MARGIN = 28
"""Left of the curves, for the numbers of their axes, in pixels; titles begin there too."""
MAX_POINTS = 2000
"""Maximum number of points of a curve; more than a screen has columns only cost time."""
LINE = 36
"""Most characters of a line of a title, which has one or two; Chinese ones count twice.

Plotly wraps no text, and the server does not know the width of the panel: 36 characters fit beside
a video in a window of 900 pixels, and two such lines say more than one that fills a wide panel.
"""
FONT = "Arial, sans-serif"
"""Of titles: Plotly's own is a fifth wider on machines that have Verdana."""
FIRST_LINE, NEXT_LINE = 20, 15
"""Height of the lines of a title in pixels; the first with the space above it."""


class Row:
    """One sentence: its own vertical axis above the time axis of all.

    Args:
        timeline: the sentence.
        number: number of the row from the top, from 0.
        truth: first and last frame of the true event, 1-based.
        is_chosen: whether its title is bold.

    Attributes:
        timeline: the sentence.
        truth: first and last frame of the true event.
        axis_name: name of its axis in the layout.
        colour: colour of the sentence.
        title_height: height of its title in pixels.
    """

    def __init__(
        self, timeline: Timeline, number: int, truth: Span | None, is_chosen: bool
    ) -> None:
        self.timeline, self.truth = timeline, truth
        self._is_chosen = is_chosen
        self._axis = "y" if number == 0 else f"y{number + 1}"
        self.axis_name = self._axis.replace("y", "yaxis")
        self.colour = colour_of(timeline.index)
        state = "" if timeline.state == "to review" else f" {timeline.state}"
        self._fit = f"{timeline.confidence:.2f}{state}"
        self._lines = _in_lines(timeline.query, len(f"■ {self._fit} "))
        self.title_height = FIRST_LINE + NEXT_LINE * (len(self._lines) - 1)

    def curve(self) -> dict[str, Any]:
        """The relevance, the only trace with hover text, so that a click selects one frame."""
        timeline = self.timeline
        step = -(-len(timeline.frames) // MAX_POINTS) or 1
        notes = dict.fromkeys(timeline.atomic_starts[1:], "<br>an atomic event begins")
        for frame, weight in timeline.prototypes:
            notes[frame] = notes.get(frame, "") + f"<br>prototype, weight {weight:.2f}"
        relevance = dict(zip(timeline.frames.tolist(), timeline.relevance.tolist(), strict=True))
        shown = sorted({*timeline.frames[::step].tolist(), *notes} & set(relevance))
        texts = [
            f"{timeline.seconds(frame):.2f} s, frame {frame}<br>"
            f"relevance {relevance[frame]:.2f}{notes.get(frame, '')}"
            for frame in shown
        ]
        return {
            "type": "scatter",
            "name": "relevance",
            "mode": "lines",
            "x": [timeline.seconds(frame) for frame in shown],
            "y": [relevance[frame] for frame in shown],
            "yaxis": self._axis,
            "text": texts,
            "hoverinfo": "text",
            "line": {"color": GREY, "width": 1.5},
            "fill": "tozeroy",
            "fillcolor": "rgba(128, 128, 128, .2)",
            "showlegend": False,
        }

    def marks(self) -> list[dict[str, Any]]:
        """Ticks where atomic events begin, and diamonds on the curve at prototypes."""
        timeline, marks = self.timeline, []
        if starts := timeline.atomic_starts[1:]:
            ticks = {"symbol": "line-ns-open", "size": 10, "color": GREY}
            marks.append(self._marks(starts, [0.0] * len(starts), "atomic events", ticks))
        if timeline.prototypes:
            frames, weights = zip(*timeline.prototypes, strict=True)
            diamonds = {"symbol": "diamond", "size": [6 + 8 * w for w in weights]}
            heights = [timeline.relevance_at(frame) for frame in frames]
            colour = {"color": self.colour}
            marks.append(self._marks(frames, heights, "prototypes", diamonds | colour))
        return marks

    def bands(self) -> list[dict[str, Any]]:
        """The event, the true one above it, and the one before a correction below it."""
        bands = [self._band(self.timeline.event, self.colour, 0.0, 1.0)]
        if self.truth:
            bands.append(self._band(self.truth, TRUTH, 1.02, 1.18))
        if self.timeline.original:
            bands.append(self._band(self.timeline.original, ORIGINAL, -0.18, -0.02))
        return bands

    def title(self, top: float) -> dict[str, Any]:
        """Confidence, state and sentence above the row; the sentence alone is ever cut.

        Args:
            top: upper edge of the row, 0..1 of the figure.
        """
        lines = [
            f"<b>{escape(line)}</b>" if self._is_chosen else escape(line) for line in self._lines
        ]
        place = {"x": 0, "xref": "paper", "y": top, "yref": "paper", "xshift": -MARGIN}
        anchor = {"xanchor": "left", "yanchor": "bottom", "align": "left", "showarrow": False}
        square = f'<span style="color:{self.colour}">■</span>'
        said = f"{square} {self._fit} " + "<br>".join(lines)
        return {"text": said, "font": {"size": 12, "family": FONT}} | place | anchor

    def _marks(
        self,
        frames: Sequence[int],
        heights: Sequence[float | None],
        name: str,
        marker: dict[str, Any],
    ) -> dict[str, Any]:
        return {
            "type": "scatter",
            "name": name,
            "mode": "markers",
            "x": [self.timeline.seconds(frame) for frame in frames],
            "y": list(heights),
            "yaxis": self._axis,
            "hoverinfo": "skip",
            "marker": marker,
            "showlegend": False,
        }

    def _band(self, span: Span, colour: str, bottom: float, top: float) -> dict[str, Any]:
        start, end = self.timeline.ends(span)
        place = {"x0": start, "x1": end, "y0": bottom, "y1": top, "yref": self._axis}
        style = {"fillcolor": colour, "opacity": 0.45 if top == 1 else 0.9, "line": {"width": 0}}
        return {"type": "rect", "layer": "below"} | place | style


def _in_lines(sentence: str, taken: int) -> list[str]:
    """A sentence in one or two lines, the first without what is taken of it, the second cut."""
    text = one_line(sentence)
    each = 2 if any(east_asian_width(sign) in "WF" for sign in text) else 1
    first = [*wrap(text, LINE // each, initial_indent=" " * (taken // each)), ""][0].lstrip()
    rest = text[len(first) :].lstrip()
    return [first, shortened(rest, LINE // each)] if rest else [first]
