"""Conversion of operator parameters to a request; hyper-parameters on a form."""

from __future__ import annotations

import typing
from typing import Any, Literal

from fiftyone.operators import types
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ...config import PRESET_HELP, PRESETS, E3MConfig, PresetName, extra, first_problem, limits
from ...encoders import devices
from ...request import DEFAULT_ENCODER, GroundingError, Request
from ..given import Params, given_flag, given_settings, given_text, given_texts
from ..inputs import ask_choice
from .last_values import last_of

ON_THE_FORM = ("sample_fps",)
"""Parameters of `E3MConfig` that are not under the advanced settings."""
AUTOMATIC = "auto"
"""The value of the form for the usual device of the machine that a run turns out to be on."""
PRESET_NAMES = {"default": "Ours", "paper": "The paper's recipe"}


def request_of(params: Params) -> Request:
    """Makes a request from the parameters of an operator.

    Args:
        params: from the form, or passed from Python. `query` may hold one sentence per line,
            `query_field` one field or a list. `query_source`, `boxes_source` and `events_source`
            select between the alternatives; without them, the one that is present is used, and
            boxes from both a field and a detector are refused.

    Raises:
        GroundingError: a parameter has the wrong type, or a hyper-parameter is out of its range, or
            boxes come from two places.
    """
    typed = chosen_source(params, "query_source", "typed", "field", "query_field") == "typed"
    existing = chosen_source(params, "boxes_source", "detector", "field", "boxes_field") == "field"
    chosen = "boxes_source" in params  # then the other alternative is only hidden on the form
    detector = None if existing and chosen else given_text(params, "detector") or None
    given = chosen_source(params, "events_source", "found", "field", "events_field") == "field"
    preset = _preset(params)
    advanced = given_settings(params, _advanced(preset))
    values = {**advanced, **{k: params[k] for k in ON_THE_FORM if k in params}}
    return Request(
        query=given_texts(params, "query") if typed else None,
        query_field=None if typed else params.get("query_field") or [],
        field=given_text(params, "field", "e3m"),
        boxes_field=params.get("boxes_field") if existing else None,
        detector=detector,
        encoder=given_text(params, "encoder", DEFAULT_ENCODER),
        config=config_of(values, preset),
        overwrite=given_flag(params, "overwrite"),
        events_field=params.get("events_field") if given else None,
        events_role=params.get("events_role") or "window",
        device=device_of(params),
    )


def device_of(params: Params) -> str | None:
    """The chosen device; None for the usual one of the machine.

    Raises:
        GroundingError: the parameter is no text.
    """
    device = given_text(params, "device", AUTOMATIC)
    return None if device == AUTOMATIC else device


def chosen_source(params: Params, name: str, usual: str, other: str, sign: str) -> str:
    """The selected alternative: the chosen one, or else the one whose parameter is present."""
    return params.get(name) or (other if params.get(sign) else usual)


def ask_common(inputs: types.Object, last: Params) -> None:
    """Adds the parameters that are not under the advanced settings.

    Args:
        inputs: the form.
        last: what it was last sent with.
    """
    preset = last_of(last, "preset", list(PRESET_NAMES))
    ask_choice(inputs, "preset", "Settings", PRESET_NAMES, preset, PRESET_HELP)
    for name in ON_THE_FORM:
        field = E3MConfig.model_fields[name]
        ask_parameter(inputs, name, field, last.get(name, field.default))
    _ask_device(inputs, last)


def _ask_device(inputs: types.Object, last: Params) -> None:
    """Asks where the models run, if there is a choice."""
    there = devices()
    if len(there) > 1:
        choices = {AUTOMATIC: "Automatic"} | {name: name for name in there}
        about = "Where encoder and detector run."
        default = last_of(last, "device", list(choices))
        ask_choice(inputs, "device", "Device", choices, default, about)


def ask_config(inputs: types.Object, params: Params, last: Params) -> None:
    """Adds all remaining parameters of `E3MConfig`, with a heading per group."""
    config = types.Object()
    preset = _preset(params)
    inputs.define_property(_advanced(preset), config, label="Advanced settings")
    defaults = E3MConfig.preset(preset)
    kept = last.get(_advanced(preset)) or {}
    group = None
    for name, field in E3MConfig.model_fields.items():
        if name in ON_THE_FORM:
            continue
        if extra(field)["group"] != group:
            group = extra(field)["group"]
            heading = types.HeaderView(label=group)
            config.view(f"heading_{group.lower().replace(' ', '_').replace('-', '_')}", heading)
        ask_parameter(config, name, field, kept.get(name, getattr(defaults, name)))


def ask_parameter(inputs: types.Object, name: str, field: FieldInfo, default: Any) -> None:
    """Adds a field for one parameter of `E3MConfig`, by its type."""
    unit = extra(field)["unit"]
    common = {
        "label": f"{name} [{unit}]" if unit else name,
        "description": field.description,
        "default": default,
    }
    kind = field.annotation
    if kind is bool:
        inputs.bool(name, **common)
    elif kind in (int, float):
        low, high = limits(name)
        add = inputs.int if kind is int else inputs.float
        add(name, min=low, max=high, **common)
    elif typing.get_origin(kind) is Literal:
        inputs.enum(name, list(typing.get_args(kind)), **common)
    elif kind is str:
        inputs.str(name, **common)
    else:
        common["default"] = list(default or [])
        inputs.list(name, types.String(), **common)


def config_of(values: dict[str, Any], preset: PresetName) -> E3MConfig:
    """Makes the configuration from the parameters of a form, with the preset as defaults.

    Raises:
        GroundingError: a hyper-parameter is unknown or out of its range.
    """
    given = {k: v for k, v in values.items() if v is not None and not k.startswith("heading_")}
    try:
        return E3MConfig.preset(preset, **given)
    except ValidationError as error:
        where, problem = first_problem(error)
        raise GroundingError(f"{where} = {problem}.") from error


def _preset(params: Params) -> PresetName:
    """The chosen preset.

    Raises:
        GroundingError: there is no such preset.
    """
    preset = given_text(params, "preset", "default")
    if preset not in PRESETS:
        raise GroundingError(f"There is no preset '{preset}'. Use {' or '.join(PRESETS)}.")
    return preset


def _advanced(preset: PresetName) -> str:
    """The parameter for advanced settings; one per preset, because the defaults differ."""
    return "config" if preset == "default" else f"config_{preset}"
