"""The questions of the forms: sentence, boxes and encoder first, the rest folded.

`params` is what the form shows at this moment, `last` what it was last sent with: the defaults. A
default must not follow what the user types, or the App would put it in place of later typing.
"""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ...dataset.checks import boxes_fields, events_fields, query_fields
from ...dataset.runs import grounding_fields
from ...dataset.schema import Fields
from ...dataset.truths import truth_like
from ...request import DEFAULT_DETECTOR, DEFAULT_ENCODER, sentences
from ...texts import Refusal
from ..given import MORE, Params, given_params
from ..inputs import ask_choice, ask_radio
from .last_values import last_of
from .parameters import ask_common, ask_config, chosen_source

ENCODERS = {
    DEFAULT_ENCODER: "CLIP ViT-B/32; downloaded on first use",
    "bundled": "Included in the package; knows objects, not actions",
    "local-dir:": "A folder with a model saved by open_clip; append its path",
}

EVENTS_ROLES = {
    "window": "Exact: only the object is found",
    "prior": "Approximate: the ends are found as well",
}


def shown_params(ctx: foo.ExecutionContext, last: Params) -> Params:
    """What a form shows: what was given, or else the last values."""
    try:
        return last | given_params(ctx.params)
    except Refusal:  # the form reports it, see `start.job_of`
        return last


def ask_what(inputs: types.Object, samples: SampleCollection, params: Params, last: Params) -> None:
    """Asks for sentence, boxes and encoder."""
    _ask_query(inputs, samples, params, last)
    _ask_boxes(inputs, samples, params, last)
    inputs.str(
        "encoder",
        label="Encoder",
        description="Compares images with sentences: an open_clip 'model/weights', or 'bundled'.",
        default=last.get("encoder") or DEFAULT_ENCODER,
        view=types.AutocompleteView(
            choices=[
                types.Choice(name, label=name, description=what) for name, what in ENCODERS.items()
            ],
            allow_user_input=True,
        ),
    )


def ask_more(
    inputs: types.Object, samples: SampleCollection, params: Params, last: Params
) -> types.Object:
    """Adds the folded part: times and hyper-parameters; returns it, for further questions."""
    more = types.Object()
    # 'collapsible' is new in FiftyOne 1.22; before, the part is unfolded
    view = types.ObjectView(label="More settings", collapsible=True, default_expanded=False)
    inputs.define_property(MORE, more, view=view)
    _ask_events(more, samples, params, last)
    ask_common(more, last)
    given = [params[name] for name in ("config", "config_paper") if params.get(name)]
    default = bool(last.get("advanced"))
    more.bool(
        "advanced",
        label="Advanced settings",
        description="Shows all other hyper-parameters.",
        default=default,
        view=types.SwitchView(),
    )
    sound = all(isinstance(values, dict) for values in given)  # else `start.job_of` reports it
    if sound and (params.get("advanced") or given):
        ask_config(more, params, last)
    return more


def _ask_query(
    inputs: types.Object, samples: SampleCollection, params: Params, last: Params
) -> None:
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
            default=last.get("query"),
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
            default=[name for name in sentences(last.get("query_field")) if name in fields] or None,
            view=types.AutocompleteView(
                choices=choices_of_fields, allow_user_input=False, allow_duplicates=False
            ),
        )


def _ask_boxes(
    inputs: types.Object, samples: SampleCollection, params: Params, last: Params
) -> None:
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
        if last.get("boxes_field") in fields:
            preselected = last["boxes_field"]
        _ask_boxes_field(inputs, fields, params, required, preselected)
    else:
        inputs.str(
            "detector",
            label="Detector",
            description="An ultralytics model's name, path or folder, or 'zoo:<name>'.",
            default=last.get("detector") or DEFAULT_DETECTOR,
        )


def _ask_events(
    inputs: types.Object, samples: SampleCollection, params: Params, last: Params
) -> None:
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
        names = {name: name for name in [*fields, *given]}  # the form reports other ones
        default = last_of(last, "events_field", fields)
        ask_choice(inputs, "events_field", "Field with the events", names, default)
        role = last_of(last, "events_role", list(EVENTS_ROLES))
        ask_choice(inputs, "events_role", "These events are", EVENTS_ROLES, role)


def _ask_boxes_field(
    inputs: types.Object,
    fields: list[str],
    params: Params,
    required: bool,
    preselected: str | None,
) -> None:
    """Asks for the boxes field; the form reports one that is not in the list."""
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
