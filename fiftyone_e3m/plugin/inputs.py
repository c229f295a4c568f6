"""Input fields shared by the forms: choices, sliders, the grounding, and the error box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import fiftyone.operators as foo
from fiftyone.operators import types

from ..dataset.runs import grounding_fields
from ..request import GroundingError
from ..review.grounded import known_grounding
from ..texts import escape_markdown


def show_problem(inputs: types.Object, problem: str) -> None:
    """Shows an error at the top of a form and disables the form; the App reads it as Markdown."""
    warning = inputs.view(
        "problem", types.Error(label="This cannot run", description=escape_markdown(problem))
    )
    warning.invalid, warning.error_message = True, problem
    inputs.properties = {"problem": warning, **inputs.properties}


def ask_choice(
    inputs: types.Object,
    name: str,
    label: str,
    choices: Mapping[str, str],
    default: str | None = None,
    description: str | None = None,
) -> None:
    """Adds a dropdown; `choices` maps values to labels."""
    view = types.DropdownView()
    for value, text in choices.items():
        view.add_choice(value, label=text)
    inputs.enum(
        name,
        list(choices),
        label=label,
        description=description,
        default=default,
        required=default is None,
        view=view,
    )


def ask_radio(
    inputs: types.Object,
    name: str,
    label: str,
    choices: Mapping[str, str],
    default: str,
    orientation: Literal["horizontal", "vertical"] = "horizontal",
) -> None:
    """Adds radio buttons; `choices` maps values to labels, which the App reads as Markdown."""
    group = types.RadioGroup(orientation=orientation)
    for value, text in choices.items():
        group.add_choice(value, label=escape_markdown(text))
    inputs.enum(name, group.values(), label=label, default=default, view=group)


def ask_share(
    inputs: types.Object, name: str, label: str, description: str, default: float
) -> None:
    """Adds a slider for a number within 0..1; the App takes its range from the number's limits.

    The description is below the slider, because the value bubble would hide it above. The label is
    above, because beside the slider, its default position, it is truncated.
    """
    view = types.SliderView(label_position="top", value_precision=2, caption=description)
    inputs.float(name, min=0, max=1, label=label, default=default, view=view)


def ask_grounding(ctx: foo.ExecutionContext, inputs: types.Object) -> str:
    """Asks for the grounding, as the parameter `field`, and returns the current choice.

    Raises:
        GroundingError: there is no such grounding, or none at all.
    """
    field = chosen_grounding(ctx)
    fields = sorted(grounding_fields(ctx.dataset))
    ask_choice(inputs, "field", "Grounding", {name: f"frames.{name}" for name in fields}, fields[0])
    return field


def chosen_grounding(ctx: foo.ExecutionContext) -> str:
    """The chosen grounding: the parameter `field`, or else the first choice of the form.

    Raises:
        GroundingError: there is no such grounding, or none at all.
    """
    fields = sorted(grounding_fields(ctx.dataset))
    if not fields:
        raise GroundingError(
            f"Nothing in '{ctx.dataset.name}' has been grounded yet. Run 'Ground videos' first."
        )
    return known_grounding(ctx.dataset, ctx.params.get("field") or fields[0]).tube
