"""One sentence in the figure of the relevance timelines: curve, marks, bands, title."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ...dataset.appearance import colour_of
from ...dataset.labels import Span
from ...review.timelines import Timeline
from ...texts import shortened
from .shared import GREY

TRUTH, ORIGINAL = "#4caf50", "#9e9e9e"
MAX_POINTS = 2000
"""Maximum number of points of a curve; more than a screen has columns only cost time."""
LONGEST = 52
"""Most characters of a sentence above its row; a panel of 500 pixels has room for them."""


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
    """

    def __init__(
        self, timeline: Timeline, number: int, truth: Span | None, is_chosen: bool
    ) -> None:
        self.timeline, self.truth = timeline, truth
        self._is_chosen = is_chosen
        self._axis = "y" if number == 0 else f"y{number + 1}"
        self.axis_name = self._axis.replace("y", "yaxis")
        self.colour = colour_of(timeline.index)

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
        """The sentence above the row, with its confidence.

        Args:
            top: upper edge of the row, 0..1 of the figure.
        """
        text = escape(shortened(self.timeline.query, LONGEST))
        text = f"<b>{text}</b>" if self._is_chosen else text
        state = self.timeline.state
        said_of_it = "" if state == "to review" else f", {state}"
        place = {"x": 0, "xref": "paper", "y": top, "yref": "paper"}
        anchor = {"xanchor": "left", "yanchor": "bottom", "showarrow": False}
        square = f'<span style="color:{self.colour}">■</span>'
        said = f"{square} {text} {self.timeline.confidence:.2f}{said_of_it}"
        return {"text": said, "font": {"size": 12}} | place | anchor

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
