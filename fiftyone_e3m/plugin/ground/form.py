"""The form of `ground_videos`, and the parts shared with the preview form."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ...candidates import DetectorError, check_detector
from ...dataset.checks import (
    boxes_fields,
    check_request,
    events_fields,
    query_fields,
)
from ...dataset.claims import check_unclaimed
from ...dataset.remaining import unfinished
from ...dataset.runs import grounding_fields
from ...dataset.schema import Fields
from ...dataset.truths import truth_like
from ...encoders import EncoderError, check_encoder
from ...request import DEFAULT_DETECTOR, DEFAULT_ENCODER, GroundingError, Request
from ..given import Params
from ..inputs import ask_choice, ask_radio, show_problem
from ..shell import PLUGIN
from .parameters import ask_common, ask_config, chosen_source
from .start import CONTINUE, NEW, ask_start, job_of

ENCODERS = {
    DEFAULT_ENCODER: "CLIP ViT-B/32; downloaded on first use",
    "bundled": "Included in the package; knows objects, not actions",
    "local-dir:": "A folder with a model saved by open_clip; append its path",
}

EVENTS_ROLES = {
    "window": "Exact: only the object is found",
    "prior": "Approximate: the ends are found as well",
}


def ground_form(ctx: foo.ExecutionContext) -> types.Property:
    """The form, with an error sentence if it is invalid."""
    inputs = types.Object()
    samples = ctx.target_view()
    start = ask_start(ctx, inputs)
    if start == NEW:
        ask_what(inputs, samples, ctx.params)
    if start != CONTINUE:
        _ask_where(inputs, samples, ctx.params)
    if start == NEW:
        ask_advanced(inputs, ctx.params)
        button = types.Button(
            label="Preview on the first video",
            operator=f"{PLUGIN}/preview_grounding",
            params=ctx.params,
            prompt=True,
        )
        inputs.view("preview", button)
    problem = find_problem(ctx)
    if problem:
        show_problem(inputs, problem)
    return types.Property(inputs, view=types.View(label="Ground videos"))


def find_problem(ctx: foo.ExecutionContext) -> str | None:
    """An error sentence if the request of a form is invalid, else None; loads no model."""
    try:
        samples, request = job_of(ctx)
        if request.query == []:
            return None  # the form already marks it as required
        check_models(samples, request)
        check_unclaimed(samples._dataset, request.field)
        unfinished(samples._dataset, request, samples.values("id"))
    except (GroundingError, EncoderError, DetectorError) as error:
        return str(error)
    return None


def check_models(samples: SampleCollection, request: Request) -> None:
    """Checks a request and the names of its models; loads none.

    Raises:
        GroundingError: the request is invalid.
        EncoderError: there is no such encoder.
        DetectorError: there is no such detector.
    """
    check_request(samples, request)
    check_encoder(request.encoder)
    if request.detector is not None:
        check_detector(request.detector)


def ask_what(inputs: types.Object, samples: SampleCollection, params: Params) -> None:
    """Asks for sentences, boxes, times, encoder, hyper-parameters: all that affects an answer."""
    _ask_query(inputs, samples, params)
    _ask_boxes(inputs, samples, params)
    _ask_events(inputs, samples, params)
    inputs.str(
        "encoder",
        label="Encoder",
        description="Compares images with sentences: an open_clip 'model/weights', or 'bundled'.",
        default=DEFAULT_ENCODER,
        view=types.AutocompleteView(
            choices=[
                types.Choice(name, label=name, description=what) for name, what in ENCODERS.items()
            ],
            allow_user_input=True,
        ),
    )
    ask_common(inputs)


def ask_advanced(inputs: types.Object, params: Params) -> None:
    """Adds all other hyper-parameters, collapsed by default."""
    inputs.bool(
        "advanced",
        label="Advanced settings",
        description="Shows all other hyper-parameters.",
        default=False,
        view=types.SwitchView(),
    )
    given = [params[name] for name in ("config", "config_paper") if params.get(name)]
    sound = all(isinstance(values, dict) for values in given)  # else `find_problem` reports it
    if sound and (params.get("advanced") or given):
        ask_config(inputs, params)


def _ask_where(inputs: types.Object, samples: SampleCollection, params: Params) -> None:
    """Asks for the result fields, and how to handle existing results."""
    inputs.str(
        "field",
        label="Field name",
        description="The frame field for the tube; the other field names start with it.",
        default="e3m",
    )
    if samples._dataset.has_field(Fields(params.get("field") or "e3m").events):
        inputs.bool(
            "only_new",
            label="Only videos not yet grounded",
            description="Skips videos that have a grounding in these fields.",
            default=False,
        )
    inputs.bool(
        "overwrite",
        label="Overwrite",
        description="Replaces the values of these fields on these videos.",
        default=False,
    )


def _ask_query(inputs: types.Object, samples: SampleCollection, params: Params) -> None:
    tubes = grounding_fields(samples._dataset)
    own = {name for tube in tubes for name in Fields(tube).of_samples}
    fields = [name for name in query_fields(samples) if name not in own]
    source = chosen_source(params, "query_source", "typed", "field", "query_field")
    if fields:
        choices = {"typed": "The same for all videos", "field": "From fields of each video"}
        ask_radio(inputs, "query_source", "Sentence", choices, source)
    if source == "typed":
        inputs.str(
            "query",
            label="What to find",
            description="A sentence about one object, such as 'a man in a suit'; one per line.",
            required=True,
            view=types.TextFieldView(multiline=True, rows=2),
        )
    elif isinstance(params.get("query_field"), str):  # from Python
        inputs.str("query_field", label="Field with the sentence", required=True)
    else:
        choices_of_fields = [types.Choice(name, label=name) for name in fields]
        inputs.list(
            "query_field",
            types.String(),
            label="Fields with the sentences",
            description="One or more fields; all their sentences are grounded in each video.",
            required=True,
            view=types.AutocompleteView(
                choices=choices_of_fields, allow_user_input=False, allow_duplicates=False
            ),
        )


def _ask_boxes(inputs: types.Object, samples: SampleCollection, params: Params) -> None:
    tubes = grounding_fields(samples._dataset)
    own = {name for tube in tubes for name in Fields(tube).of_frames}
    truths = truth_like(samples._dataset)
    fields = [name for name in boxes_fields(samples) if name not in own]
    fields = sorted(fields, key=lambda name: name in truths)
    usable = set(fields) - truths and not params.get("detector")
    default = "field" if usable or params.get("boxes_field") else "detector"
    source = params.get("boxes_source") or default
    if fields:
        ask_radio(
            inputs,
            "boxes_source",
            "Boxes to choose from",
            {"field": "Detections of the dataset", "detector": "A detector, run now"},
            source,
        )
    if source == "field" and fields:
        required = (
            "boxes_source" in params
        )  # called from Python, an empty choice means the default detector
        preselected = None if fields[0] in truths else fields[0]
        _ask_boxes_field(inputs, fields, params, required, preselected)
    else:
        inputs.str(
            "detector",
            label="Detector",
            description="An ultralytics model's name, path or folder, or 'zoo:<name>'.",
            default=DEFAULT_DETECTOR,
        )


def _ask_events(inputs: types.Object, samples: SampleCollection, params: Params) -> None:
    """Asks whether the time is known; what the run itself will write is not offered."""
    own = Fields(params.get("field") or "e3m").of_samples
    fields = [name for name in events_fields(samples) if name not in own]
    if not fields:
        return
    source = chosen_source(params, "events_source", "found", "field", "events_field")
    choices = {"found": "Find it", "field": "Events of the dataset with the sentence as label"}
    ask_radio(inputs, "events_source", "Time", choices, source)
    if source == "field":
        given = [params["events_field"]] if params.get("events_field") else []
        names = {name: name for name in [*fields, *given]}  # `find_problem` reports other ones
        ask_choice(inputs, "events_field", "Field with the events", names, fields[0])
        ask_choice(inputs, "events_role", "These events are", EVENTS_ROLES, "window")


def _ask_boxes_field(
    inputs: types.Object,
    fields: list[str],
    params: Params,
    required: bool,
    preselected: str | None,
) -> None:
    """Asks for the boxes field; `find_problem` reports a field that is not in the list."""
    view = types.DropdownView()
    for name in fields:
        view.add_choice(name, label=f"frames.{name}")
    given = [params["boxes_field"]] if params.get("boxes_field") else []
    inputs.enum(
        "boxes_field",
        [*fields, *given],
        label="Field with the boxes",
        view=view,
        required=required,
        default=preselected,
    )
