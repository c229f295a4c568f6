"""Options that several commands share, including those generated from `E3MConfig`."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError

from ..config import PRESET_HELP, E3MConfig, PresetName, extra, first_problem, limits
from ..paths import given_path
from ..request import DEFAULT_DETECTOR, GroundingError

Command = Callable[..., None]


def user_path(value: str | Path) -> Path:
    """Parses a path, with ``~`` expanded also after ``=``, where no shell does it."""
    try:
        return given_path("The path", value)
    except GroundingError as error:
        raise typer.BadParameter(str(error)) from None


PATH: dict[str, Any] = {"parser": user_path, "metavar": "PATH"}
"""Of every option and argument that takes a path."""

EncoderName = Annotated[
    str,
    typer.Option(
        help="open_clip '<model>/<weights>', 'local-dir:<folder>', 'bf16:' before either, or "
        "'bundled'."
    ),
]
DetectorName = Annotated[
    str | None,
    typer.Option(
        help="ultralytics weights, a path, or 'zoo:<name>'.", show_default=DEFAULT_DETECTOR
    ),
]
DeviceName = Annotated[
    str | None,
    typer.Option(
        help="Where the models run: 'cuda', 'cuda:<number>', 'mps' or 'cpu'; without, the device "
        "in E3M_DEVICE, else a GPU if there is one."
    ),
]


def with_config(command: Command) -> Command:
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

    choice = Annotated[PresetName, typer.Option(help=PRESET_HELP)]
    added = [_keyword(name, _option(name), None) for name in E3MConfig.model_fields]
    preset = _keyword("preset", choice, "default")
    return _with_signature(wrapped, command, "config", [preset, *added])


def with_options(parameter: str, options: type[Any]) -> Callable[[Command], Command]:
    """Gives commands one option per field of a dataclass, in place of a parameter of that type.

    Args:
        parameter: the parameter of the command that receives the instance.
        options: the dataclass; its fields are annotated as Typer expects it.

    Returns:
        The decorator.
    """

    def decorate(command: Command) -> Command:
        def wrapped(**values: Any) -> None:
            given = {field.name: values.pop(field.name) for field in dataclasses.fields(options)}
            command(**values, **{parameter: options(**given)})

        hints = inspect.get_annotations(options, eval_str=True)
        added = [
            _keyword(field.name, hints[field.name], field.default)
            for field in dataclasses.fields(options)
        ]
        return _with_signature(wrapped, command, parameter, added)

    return decorate


def _with_signature(
    wrapped: Command, command: Command, parameter: str, added: list[inspect.Parameter]
) -> Command:
    """Gives a wrapper the signature of its command, with parameters in place of one of them."""
    hints = inspect.get_annotations(command, eval_str=True)
    own = [
        _keyword(name, hints[name], p.default)
        for name, p in inspect.signature(command).parameters.items()
        if name != parameter
    ]
    wrapped.__doc__, wrapped.__name__ = command.__doc__, command.__name__
    wrapped.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in [*own, *added]}
    return wrapped


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """A parameter as Typer reads it: one without a default is required."""
    missing = default in (dataclasses.MISSING, inspect.Parameter.empty)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if missing else default,
        annotation=annotation,
    )


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
