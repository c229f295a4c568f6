"""Options that several commands share, including those generated from `E3MConfig`."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError

from ..config import PRESET_HELP, E3MConfig, PresetName, extra, first_problem, limits

EncoderName = Annotated[
    str,
    typer.Option(
        help="open_clip '<model>/<weights>', 'local-dir:<folder>', 'bf16:' before either, or "
        "'bundled'."
    ),
]
DetectorName = Annotated[str, typer.Option(help="ultralytics weights, a path, or 'zoo:<name>'.")]


def with_config(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the preset and one option per `E3MConfig` parameter to a command with a `config`."""

    def wrapped(**values: Any) -> None:
        preset = values.pop("preset")
        config = {name: values.pop(name) for name in E3MConfig.model_fields}
        config = {name: value for name, value in config.items() if value not in (None, [])}
        try:
            command(**values, config=E3MConfig.preset(preset, **config))
        except ValidationError as error:
            where, problem = first_problem(error)
            flag = f"--{where.partition('.')[0]}".replace("_", "-")
            raise typer.BadParameter(problem, param_hint=flag) from None

    own = [p for p in inspect.signature(command).parameters.values() if p.name != "config"]
    choice = Annotated[PresetName, typer.Option(help=PRESET_HELP)]
    added = [
        inspect.Parameter(
            "preset", inspect.Parameter.KEYWORD_ONLY, default="default", annotation=choice
        )
    ] + [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_option(name)
        )
        for name in E3MConfig.model_fields
    ]
    wrapped.__doc__, wrapped.__name__ = command.__doc__, command.__name__
    hints = typing.get_type_hints(command, include_extras=True)
    own = [p.replace(annotation=hints[p.name], kind=p.KEYWORD_ONLY) for p in own]
    wrapped.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in [*own, *added]}
    return wrapped


def _option(name: str) -> Any:
    """The command-line option of a parameter of `E3MConfig`."""
    field = E3MConfig.model_fields[name]
    about = extra(field)
    default = "all" if field.default is None else field.default
    if isinstance(default, tuple):
        default = " ".join(default)
    text = f"{field.description} [{default}{' ' + about['unit'] if about['unit'] else ''}]"
    panel: dict[str, Any] = {
        "help": text,
        "rich_help_panel": f"Advanced: {about['group']}",
        "show_default": False,
    }
    kind = field.annotation
    if kind in (int, float):
        low, high = limits(name)
        return Annotated[kind | None, typer.Option(min=low, max=high, **panel)]
    if kind in (bool, str) or typing.get_origin(kind) is Literal:
        return Annotated[kind | None, typer.Option(**panel)]  # type: ignore[operator]
    return Annotated[list[str] | None, typer.Option(**panel)]
