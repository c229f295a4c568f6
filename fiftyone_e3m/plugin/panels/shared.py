"""Shared by the panels: style of plots, tables and buttons, their data, the chosen grounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ...texts import shortened

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

IN_MENU = 48
"""Most characters of a name in a menu."""

ARROW = "56px"
"""Room at the right for the arrow with which FiftyOne goes to the next sample."""


DENSE = {
    "@container (max-width: 400px)": {
        "gap": "4px",
        "& .MuiButton-root": {"padding": "2px 8px", "minWidth": 0},
        "& .MuiButton-startIcon": {"display": "none"},
    }
}
"""Style of buttons in a narrow panel, where their texts need the room of their icons."""


def in_lines(
    kept_free: str = "0px", each: str | None = None, is_dense: bool = False
) -> dict[str, Any]:
    """Arguments of a stack whose elements begin another line where the panel ends.

    Args:
        kept_free: width at the right without any element.
        each: least width of an element, which then fills its line; None for its own width.
        is_dense: whether buttons are smaller in a narrow panel.
    """
    grid = {"display": "flex", "flexWrap": "wrap", "gap": 1, "paddingRight": kept_free}
    # a long text shrinks instead of pushing the panel apart
    inner: dict[str, Any] = {"width": "auto", "minWidth": 0, "maxWidth": "100%"}
    inner |= {"flex": f"1 1 {each}"} if each else {}
    return {
        "componentsProps": {
            "container": {"sx": {"containerType": "inline-size"} if is_dense else {}},
            "grid": {"sx": grid | {"& > *": inner} | (DENSE if is_dense else {})},
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


def ask_choice(
    ctx: foo.ExecutionContext,
    parent: types.Object,
    name: str,
    label: str,
    choices: Mapping[str, str],
    value: str,
    on_change: Callable[[foo.ExecutionContext], None],
) -> None:
    """Adds a menu, for what nothing but the menu changes.

    The App takes every change of a menu for its user's, and puts the state of the panel back to
    what it was (seen in 1.22).

    Args:
        ctx: of the panel.
        parent: the part of the panel that the menu is added to.
        name: of the menu.
        label: shown with it.
        choices: what to choose from, and the name of each in the menu.
        value: the choice shown.
        on_change: the event of the panel when another is chosen.
    """
    ctx.panel.set_state(f"choices.{name}", value)
    menu = types.DropdownView()
    for choice, shown in choices.items():
        menu.add_choice(choice, label=shortened(shown, IN_MENU))
    parent.enum(name, list(choices), label=label, view=menu, on_change=on_change)


def chosen_in_panel(ctx: foo.ExecutionContext, fields: Sequence[str]) -> str:
    """The grounding that a panel shows: the chosen one, or else the first of `fields`."""
    chosen = ctx.panel.state.field
    return chosen if chosen in fields else fields[0]
