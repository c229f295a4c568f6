"""What all small operators have in common: a form, one sentence if it cannot run, a visible result.

An operator asks, calls a function of the library and shows what came out. It holds no logic of its
own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import fiftyone.operators as foo
from fiftyone.operators import types

from ..request import GroundingError
from .inputs import show_problem

PLUGIN = "@e3m/video-grounding"
"""Name of the plugin, with which all URIs of operators begin."""


@dataclass(frozen=True)
class Outcome:
    """What the user sees when an operator is done.

    Attributes:
        text: what was done, in sentences; always shown, alone as a toast.
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
        """Whether a toast is too small."""
        return bool(self.rows or self.picture)


class Shell(foo.Operator):
    """An operator over a function of the library.

    Subclasses state the class variables and implement `ask` and `work`.

    Attributes:
        label: what the operator browser shows.
        description: a sentence.
        icon: name of a material icon.
        place: where a button stands, if anywhere.
        button: its label.
        delegable: whether it may be scheduled.
    """

    label: ClassVar[str]
    description: ClassVar[str]
    icon: ClassVar[str]
    place: ClassVar[types.Places | None] = None
    button: ClassVar[str | None] = None
    delegable: ClassVar[bool] = False

    @classmethod
    def operator_name(cls) -> str:
        """Name of the operator: the class's, in snake case."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")

    @property
    def config(self) -> foo.OperatorConfig:
        """How FiftyOne shows and runs it."""
        return foo.OperatorConfig(
            name=self.operator_name(),
            label=self.label,
            description=self.description,
            icon=self.icon,
            dynamic=True,
            allow_immediate_execution=True,
            allow_delegated_execution=self.delegable,
        )

    def resolve_placement(self, ctx: foo.ExecutionContext) -> types.Placement | None:
        """The button, where one is stated."""
        if self.place is None:
            return None
        button = types.Button(label=self.button or self.label, icon=self.icon, prompt=True)
        return types.Placement(self.place, button)

    def resolve_input(self, ctx: foo.ExecutionContext) -> types.Property:
        """The form, with what is wrong as a sentence."""
        inputs = types.Object()
        if self.description:
            inputs.md(self.description, name="what_it_does")
        try:
            problem = self.ask(ctx, inputs)
        except GroundingError as error:
            problem = str(error)
        if problem:
            show_problem(inputs, problem)
        return types.Property(inputs, view=types.View(label=self.label))

    def execute(self, ctx: foo.ExecutionContext) -> dict[str, Any]:
        """Does it; the result is told in a toast, or in a dialog where it has a table.

        Raises:
            GroundingError: it cannot be done; the sentence says why.
        """
        outcome = self.work(ctx)
        if not ctx.delegated:
            if not outcome.needs_dialog:
                ctx.ops.notify(outcome.text, variant=outcome.variant)
            ctx.ops.reload_dataset()
        result: dict[str, Any] = {"text": outcome.text}
        if outcome.rows:
            result["rows"] = [dict(row) for row in outcome.rows]
        if outcome.picture:
            result["picture"] = outcome.picture
        return result

    def resolve_output(self, ctx: foo.ExecutionContext) -> types.Property | None:
        """The dialog with the result, where a toast is too small."""
        result = ctx.results or {}  # None after a refusal, which the App then shows itself
        if not {"rows", "picture"} & set(result):
            return None
        outputs = types.Object()
        outputs.md(result["text"], name="text_shown")
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
            What is wrong with what was filled in, as a sentence, or None. Must be fast and load no
            model; a `GroundingError` that it raises counts the same.
        """
        raise NotImplementedError

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Calls the library.

        Raises:
            GroundingError: it cannot be done; the sentence says why.
        """
        raise NotImplementedError
