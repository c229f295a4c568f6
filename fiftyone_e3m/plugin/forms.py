"""The form of `ground_videos`, and the way back from its parameters to a request."""

from __future__ import annotations

import typing
from typing import Any, Literal

import fiftyone.operators as foo
from fiftyone.operators import types
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..candidates import DetectorError, check_detector
from ..config import E3MConfig, extra, first_problem, limits
from ..dataset.checks import boxes_fields, check_request, query_fields, unfinished
from ..dataset.runs import grounding_fields
from ..dataset.schema import Fields
from ..encoders import EncoderError, check_encoder
from ..request import DEFAULT_DETECTOR, DEFAULT_ENCODER, GroundingError, Request
from .shell import show_problem

ON_THE_FORM = ("sample_fps",)
"""Parameters of `E3MConfig` that are not advanced."""

ENCODERS = {
    DEFAULT_ENCODER: "CLIP ViT-B/32; fetched on first use",
    "bundled": "Comes with the package; knows objects, not actions",
    "local-dir:": "A folder that open_clip saved a model into; add its path",
}


def request_of(params: dict[str, Any]) -> Request:
    """The request in an operator's parameters.

    Args:
        params: of the form, or given from Python. `query` may hold one sentence per line.
            `query_source` and `boxes_source` say which of the alternatives counts; without them,
            the one that is given.

    Raises:
        GroundingError: a hyper-parameter is out of its range.
    """
    typed = _source(params, "query_source", "typed", "field", "query_field") == "typed"
    existing = _source(params, "boxes_source", "detector", "field", "boxes_field") == "field"
    query = params.get("query")
    values = {**(params.get("config") or {}), **{k: params[k] for k in ON_THE_FORM if k in params}}
    return Request(
        query=(query or "").splitlines() if typed else None,
        query_field=None if typed else params.get("query_field"),
        field=params.get("field") or "e3m",
        boxes_field=params.get("boxes_field") if existing else None,
        detector=params.get("detector") or DEFAULT_DETECTOR,
        encoder=params.get("encoder") or DEFAULT_ENCODER,
        config=_config(values),
        overwrite=bool(params.get("overwrite")),
    )


def ground_form(ctx: foo.ExecutionContext) -> types.Property:
    """The form, with what is wrong as a sentence at its end."""
    inputs = types.Object()
    samples = ctx.target_view()
    _ask_query(inputs, samples, ctx.params)
    _ask_boxes(inputs, samples, ctx.params)
    inputs.str(
        "encoder",
        label="Encoder",
        description="Compares pictures with sentences: an open_clip 'model/weights', or 'bundled'.",
        default=DEFAULT_ENCODER,
        view=types.AutocompleteView(
            choices=[
                types.Choice(name, label=name, description=what) for name, what in ENCODERS.items()
            ],
            allow_user_input=True,
        ),
    )
    for name in ON_THE_FORM:
        _ask_parameter(inputs, name, E3MConfig.model_fields[name])
    inputs.str(
        "field",
        label="Name of the fields",
        description="The tube goes to this frame field; all other names start with it.",
        default="e3m",
    )
    inputs.bool(
        "overwrite",
        label="Overwrite",
        description="Replace what the fields hold on these videos.",
        default=False,
    )
    inputs.bool("advanced", label="Advanced settings", default=False, view=types.SwitchView())
    if ctx.params.get("advanced") or ctx.params.get("config"):
        _ask_config(inputs)
    problem = find_problem(samples, ctx.params)
    if problem:
        show_problem(inputs, problem)
    return types.Property(inputs, view=types.View(label="Ground videos"))


def find_problem(samples: Any, params: dict[str, Any]) -> str | None:
    """What is wrong with a request, as a sentence, or None; loads no model."""
    try:
        request = request_of(params)
        if request.query == []:
            return None  # the form already asks for it
        check_request(samples, request)
        check_encoder(request.encoder)
        if request.boxes_field is None:
            check_detector(request.detector)
        unfinished(samples, request)
    except (GroundingError, EncoderError, DetectorError) as error:
        return str(error)
    return None


def _source(params: dict[str, Any], name: str, usual: str, other: str, sign: str) -> str:
    return params.get(name) or (other if params.get(sign) else usual)


def _ask_query(inputs: types.Object, samples: Any, params: dict[str, Any]) -> None:
    tubes = grounding_fields(samples._dataset)
    own = {name for tube in tubes for name in Fields(tube).of_samples}
    fields = [name for name in query_fields(samples) if name not in own]
    if fields:
        _ask_choice(
            inputs,
            "query_source",
            "Sentence",
            {"typed": "The same for all videos", "field": "From a field of each video"},
            _source(params, "query_source", "typed", "field", "query_field"),
        )
    if _source(params, "query_source", "typed", "field", "query_field") == "field":
        labels = {name: name for name in fields}
        _ask_field(inputs, "query_field", "Field with the sentence", labels, params, required=True)
    else:
        inputs.str(
            "query",
            label="What to find",
            description="A sentence about one object, such as 'a man in a suit'; one per line.",
            required=True,
            view=types.TextFieldView(multiline=True, rows=2),
        )


def _ask_boxes(inputs: types.Object, samples: Any, params: dict[str, Any]) -> None:
    own = grounding_fields(samples._dataset)
    fields = [name for name in boxes_fields(samples) if name not in own]
    default = "field" if fields and not params.get("detector") else "detector"
    source = params.get("boxes_source") or default
    if fields:
        _ask_choice(
            inputs,
            "boxes_source",
            "Boxes to choose from",
            {"field": "Detections of the dataset", "detector": "A detector, run now"},
            source,
        )
    if source == "field" and fields:
        labels = {name: f"frames.{name}" for name in fields}
        required = "boxes_source" in params  # from Python, neither means the default detector
        _ask_field(
            inputs,
            "boxes_field",
            "Field with the boxes",
            labels,
            params,
            required=required,
            default=fields[0],
        )
    else:
        inputs.str(
            "detector",
            label="Detector",
            description="An ultralytics model's name, path or folder, or 'zoo:<name>'.",
            default=DEFAULT_DETECTOR,
        )


def _ask_field(
    inputs: types.Object,
    name: str,
    label: str,
    labels: dict[str, str],
    params: dict[str, Any],
    **options: Any,
) -> None:
    """A field of the dataset; one that is not in the list is left to `find_problem`'s sentence."""
    view = types.DropdownView()
    for value, text in labels.items():
        view.add_choice(value, label=text)
    given = [params[name]] if params.get(name) else []
    inputs.enum(name, [*labels, *given], label=label, view=view, **options)


def _ask_choice(
    inputs: types.Object, name: str, label: str, choices: dict[str, str], default: str
) -> None:
    group = types.RadioGroup(orientation="horizontal")
    for value, text in choices.items():
        group.add_choice(value, label=text)
    inputs.enum(name, group.values(), label=label, default=default, view=group)


def _ask_config(inputs: types.Object) -> None:
    """All remaining parameters of `E3MConfig`, under the headings of their groups."""
    config = types.Object()
    inputs.define_property("config", config, label="Advanced settings")
    group = None
    for name, field in E3MConfig.model_fields.items():
        if name in ON_THE_FORM:
            continue
        if extra(field)["group"] != group:
            group = extra(field)["group"]
            heading = types.HeaderView(label=group)
            config.view(f"heading_{group.lower().replace(' ', '_').replace('-', '_')}", heading)
        _ask_parameter(config, name, field)


def _ask_parameter(inputs: types.Object, name: str, field: FieldInfo) -> None:
    """One parameter of `E3MConfig`, by its type."""
    unit = extra(field)["unit"]
    common = {
        "label": f"{name} [{unit}]" if unit else name,
        "description": field.description,
        "default": field.default,
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
        common["default"] = list(field.default or [])
        inputs.list(name, types.String(), **common)


def _config(values: dict[str, Any]) -> E3MConfig:
    known = {k: v for k, v in values.items() if v is not None and not k.startswith("heading_")}
    try:
        return E3MConfig.model_validate(known)
    except ValidationError as error:
        where, problem = first_problem(error)
        raise GroundingError(f"{where} = {problem}.") from error
