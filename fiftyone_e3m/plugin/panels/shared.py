"""Shared by the panels: style of plots, tables and buttons, their data, the chosen grounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import fiftyone.operators as foo

NOTHING_GROUNDED = "Nothing here has been grounded yet. Press **Ground videos** above the grid."
"""Text of the panels for a dataset without any grounding."""

GREY = "#868686"
"""Of curves: equally far from the ground of the dark and of the light theme."""

PLOT = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"size": 11},
}
"""Layout shared by all plots; the colours of texts and axes are those of the App's theme."""

CELLS = {"& .MuiTableCell-root": {"paddingLeft": "4px", "paddingRight": "4px"}}
SHRINK = {"item": {"sx": {"minWidth": 0}}, "table": {"sx": {"minWidth": 0} | CELLS}}
"""Component properties that prevent a plot or table from being wider than its panel."""

ARROW = "56px"
"""Room at the right for the arrow with which FiftyOne goes to the next sample."""


def in_lines(kept_free: str = "0px", each: str | None = None) -> dict[str, Any]:
    """Arguments of a stack whose elements begin another line where the panel ends.

    Args:
        kept_free: width at the right without any element.
        each: least width of an element, which then fills its line; None for its own width.
    """
    grid = {"display": "flex", "flexWrap": "wrap", "gap": 1, "paddingRight": kept_free}
    # a long text shrinks instead of pushing the panel apart
    inner: dict[str, Any] = {"width": "auto", "minWidth": 0, "maxWidth": "100%"}
    inner |= {"flex": f"1 1 {each}"} if each else {}
    return {
        "componentsProps": {
            "grid": {"sx": grid | {"& > *": inner}},
            "item": {"sx": {"minWidth": 0}},
        }
    }


def show_data(ctx: foo.ExecutionContext, name: str, data: Any) -> None:
    """Sets the rows of a table in a panel.

    When a menu changes, the App copies all data into the panel's state and then merges new data
    into that copy, element by element. Without the reset, removed rows would stay.

    Plots get theirs with their layout instead: with new data, the App puts the state of the panel
    back to what it was, and so takes back what the same event has changed (seen in 1.22).
    """
    ctx.panel.set_state(name, None)
    ctx.panel.set_data(name, data)


def chosen_in_panel(ctx: foo.ExecutionContext, fields: Sequence[str]) -> str:
    """The grounding that a panel shows: the chosen one, or else the first of `fields`."""
    chosen = ctx.panel.state.field
    return chosen if chosen in fields else fields[0]
