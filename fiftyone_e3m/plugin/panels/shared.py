"""Shared by both panels: the style of plots and tables, their data, the chosen grounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import fiftyone.operators as foo

NOTHING_GROUNDED = "Nothing here has been grounded yet. Press **Ground videos** above the grid."
"""Text of the panels for a dataset without any grounding."""

PLOT = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"color": "#b0b0b0", "size": 11},
}
"""Layout shared by all plots: the App's own background, a muted font colour."""

SHRINK = {name: {"sx": {"minWidth": 0}} for name in ("item", "table")}
"""Component properties that prevent a plot or table from being wider than its panel."""


def show_data(ctx: foo.ExecutionContext, name: str, data: Any) -> None:
    """Sets the data of a plot, table or picture in a panel.

    When a menu changes, the App copies all data into the panel's state and then merges new data
    into that copy, element by element. Without the reset, removed rows and traces would stay.
    """
    ctx.panel.set_state(name, None)
    ctx.panel.set_data(name, data)


def chosen_in_panel(ctx: foo.ExecutionContext, fields: Sequence[str]) -> str:
    """The grounding that a panel shows: the chosen one, or else the first of `fields`."""
    chosen = ctx.panel.state.field
    return chosen if chosen in fields else fields[0]
