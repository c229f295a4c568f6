"""The four functions that FiftyOne calls for a model of a remote source, and their form."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ..candidates import Detector
from ..config import PresetName
from ..dataset.checks import boxes_fields, query_fields
from ..encoders import Encoder, check_encoder
from ..request import DEFAULT_DETECTOR, DEFAULT_ENCODER, EventsRole, Request
from .model import FIELDS, VideoGrounder

MARKER = """E3M has no weights of its own. The encoder and the detector that load_model names are
fetched, and kept by the libraries that they belong to, when a video is first grounded.
"""


def download_model(model_name: str, model_path: str) -> None:
    """Writes a marker: FiftyOne wants a file before it loads a model, and there is no weight yet.

    Args:
        model_name: name of the model in ``manifest.json``.
        model_path: file to write.
    """
    Path(model_path).write_text(MARKER)


def load_model(
    model_name: str,
    model_path: str,
    query: str | list[str] | None = None,
    detector: str | Detector | None = None,
    encoder: str | Encoder = DEFAULT_ENCODER,
    preset: PresetName = "default",
    overwrite: bool = False,
    cache: bool = True,
    overlap: bool = True,
    events_role: EventsRole = "window",
    trust_remote_code: bool = False,
    prompt_field: str | None = None,
    boxes_field: str | None = None,
    events_field: str | None = None,
    device: str | None = None,
    **parameters: Any,
) -> VideoGrounder:
    """Makes the model; its weights are loaded with the first video.

    Args:
        model_name: name of the model in ``manifest.json``.
        model_path: file that `download_model` wrote; not read.
        query: a sentence, or several, for all videos; None if they are in a field.
        detector: see `ground`, like all others up to here.
        encoder: see `ground`.
        preset: settings to start from.
        overwrite: see `ground`.
        cache: see `ground`.
        overlap: see `ground`.
        events_role: see `ground`.
        trust_remote_code: see `ground`.
        prompt_field: field with the sentences, where `apply_model` names none.
        boxes_field: field with the boxes, where `apply_model` names none.
        events_field: field with the times, where `apply_model` names none.
        device: see `ground`.
        **parameters: hyper-parameters of `E3MConfig`, by name.

    Raises:
        GroundingError: an argument has the wrong type, a hyper-parameter is out of its range, or
            the device is not there.
        EncoderError: there is no such encoder.
    """
    from ..plugin.ground.parameters import config_of  # the forms take half a second to import

    arguments = {
        "query": query,
        "detector": detector,
        "encoder": encoder,
        "config": config_of(parameters, preset),
        "overwrite": overwrite,
        "cache": cache,
        "overlap": overlap,
        "events_role": events_role,
        "trust_remote_code": trust_remote_code,
        "device": device,
    }
    check_encoder(encoder)
    Request(detector=detector, encoder=encoder, device=device).check_device()
    given = dict(zip(FIELDS, (prompt_field, boxes_field, events_field), strict=True))
    return VideoGrounder(arguments, {key: name for key, name in given.items() if name})


def resolve_input(model_name: str, ctx: foo.ExecutionContext) -> types.Property:
    """The arguments of `load_model` that FiftyOne's operator *Apply zoo model* asks for.

    Args:
        model_name: name of the model in ``manifest.json``.
        ctx: the operator's context.
    """
    samples, inputs = ctx.target_view(), types.Object()
    _ask_field(
        inputs,
        "prompt_field",
        query_fields(samples),
        "Field with the sentences",
        "Leave it empty if the sentence below is for all videos.",
    )
    inputs.str(
        "query",
        label="What to find",
        description="A sentence for all videos, such as 'a man in a suit'.",
    )
    _ask_field(
        inputs,
        "boxes_field",
        boxes_fields(samples),
        "Frame field with the boxes to choose from",
        "Leave it empty to run a detector.",
    )
    inputs.str(
        "detector",
        label="Detector",
        description="An ultralytics model's name, path or folder, or 'zoo:<name>'; empty for "
        f"{DEFAULT_DETECTOR}, unless there are boxes.",
    )
    inputs.str(
        "encoder",
        label="Encoder",
        description="Compares images with sentences: an open_clip 'model/weights', or 'bundled'.",
        default=DEFAULT_ENCODER,
    )
    return types.Property(inputs, view=types.View(label="E3M"))


def parse_parameters(model_name: str, ctx: foo.ExecutionContext, params: dict[str, Any]) -> None:
    """Makes arguments of `load_model` of what the App sent: leaves out what was left empty.

    Args:
        model_name: name of the model in ``manifest.json``.
        ctx: the operator's context.
        params: the parameters, which are changed in place.

    Raises:
        GroundingError: a parameter has the wrong type, or names weights that may not be loaded for
            whoever reaches the App, see SECURITY.md.
    """
    from ..plugin.ground.trust import check_trust

    for name in [name for name, value in params.items() if value in (None, "")]:
        del params[name]
    read = {field.name for field in dataclasses.fields(Request)} & set(params)
    check_trust(Request(**{name: params[name] for name in read}))


def _ask_field(
    inputs: types.Object, name: str, fields: Sequence[str], label: str, description: str
) -> None:
    view = types.AutocompleteView()
    for field in fields:
        view.add_choice(field, label=field)
    inputs.str(name, label=label, description=description, view=view)
