"""Base class of the small operators: a form, one error sentence if invalid, a visible result.

An operator shows a form, calls a library function and shows its result. It has no logic of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import fiftyone.operators as foo
from fiftyone.operators import types

from ..texts import Refusal, escape_markdown
from .inputs import show_problem
from .speaking import in_app, told

Risk = Literal["low", "medium", "high", "dangerous"]
"""What an agent may have to ask for: "low": nothing that lasts is changed; "medium": labels, views
or scores are written, and nothing of a user's is lost; "high": files are written,
or labels that no run made are replaced if `overwrite` says so; "dangerous": what is deleted cannot
be brought back. FiftyOne asks for one level per operator, so it is that of its worst call."""

PLUGIN = "@e3m/video-grounding"
"""Name of the plugin, the prefix of all operator URIs."""


@dataclass(frozen=True)
class Outcome:
    """The result that an operator shows.

    Attributes:
        text: what was done, in sentences without markup; shown as a toast, or above the table or
            picture.
        rows: a table, each row by column name; shown in a dialog.
        picture: a picture as a data URI; shown in the same dialog.
        variant: colour of the toast.
    """

    text: str
    rows: Sequence[Mapping[str, Any]] = ()
    picture: str | None = None
    variant: Literal["success", "warning", "info"] = "success"

    @property
    def needs_dialog(self) -> bool:
        """Whether the result does not fit into a toast."""
        return bool(self.rows or self.picture)


class Shell(foo.Operator):
    """An operator that wraps a library function.

    Subclasses set the class variables and implement `ask` and `work`.

    Attributes:
        label: label in the operator browser.
        description: one or two sentences at the top of the form.
        icon: name of a Material icon.
        place: where its button is placed; None for no button.
        button: label of the button.
        delegable: whether it can be scheduled.
        risk: what FiftyOne tells agents about it.
    """

    label: ClassVar[str]
    description: ClassVar[str]
    icon: ClassVar[str]
    place: ClassVar[types.Places | None] = None
    button: ClassVar[str | None] = None
    delegable: ClassVar[bool] = False
    risk: ClassVar[Risk] = "medium"

    @classmethod
    def operator_name(cls) -> str:
        """Name of the operator: the class name in snake case."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")

    @property
    def config(self) -> foo.OperatorConfig:
        """The configuration of the operator in FiftyOne."""
        return foo.OperatorConfig(
            name=self.operator_name(),
            label=self.label,
            description=self.description,
            icon=self.icon,
            dynamic=True,
            allow_immediate_execution=True,
            allow_delegated_execution=self.delegable,
            risk_level=self.risk,
        )

    def resolve_placement(self, ctx: foo.ExecutionContext) -> types.Placement | None:
        """The button, if the class sets a place."""
        if self.place is None:
            return None
        button = types.Button(label=self.button or self.label, icon=self.icon, prompt=True)
        return types.Placement(self.place, button)

    def resolve_input(self, ctx: foo.ExecutionContext) -> types.Property:
        """The form, with an error sentence if it is invalid."""
        inputs = types.Object()
        if self.description:
            inputs.md(self.description, name="what_it_does")
        try:
            problem = self.ask(ctx, inputs)
        except Refusal as error:
            problem = told(ctx, error)
        if problem:
            show_problem(inputs, problem)
        return types.Property(inputs, view=types.View(label=self.label))

    def execute(self, ctx: foo.ExecutionContext) -> dict[str, Any]:
        """Runs the operator; shows the result in a toast, or in a dialog if it has a table.

        Raises:
            Refusal: the request is invalid; the message says why. In the App, a toast says so.
        """
        try:
            outcome = self.work(ctx)
        except Refusal as error:
            if not in_app(ctx):
                raise
            ctx.ops.notify(error.in_app, variant="error")
            return {}
        if not ctx.delegated:
            if not outcome.needs_dialog:
                ctx.ops.notify(outcome.text, variant=outcome.variant)
            if ctx.current_sample:
                ctx.trigger(f"{PLUGIN}/refresh_annotation")
            ctx.ops.reload_dataset()
        result: dict[str, Any] = {"text": outcome.text}
        if outcome.rows:
            result["rows"] = [dict(row) for row in outcome.rows]
        if outcome.picture:
            result["picture"] = outcome.picture
        return result

    def resolve_output(self, ctx: foo.ExecutionContext) -> types.Property | None:
        """The dialog with the result, if it does not fit into a toast."""
        result = ctx.results or {}  # None after an error, which the App shows itself
        if not {"rows", "picture"} & set(result):
            return None
        outputs = types.Object()
        outputs.md(escape_markdown(result["text"]), name="text_shown")
        if result.get("picture"):
            outputs.str("picture", view=types.ImageView(alt=result["text"]))
        if result.get("rows"):
            table = types.TableView()
            for name in result["rows"][0]:
                table.add_column(name, label=name.replace("_", " "))
            outputs.list("rows", types.Object(), view=table)
        return types.Property(outputs, view=types.View(label=self.label))

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Adds the fields of the form.

        Returns:
            An error sentence if the input is invalid, else None. A raised `Refusal` has the same
            effect. Must be fast and must not load a model.
        """
        raise NotImplementedError

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Calls the library.

        Raises:
            GroundingError: the request is invalid; the message says why.
        """
        raise NotImplementedError
