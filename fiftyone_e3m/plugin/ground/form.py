"""The form of `ground_videos`: what most runs need, what the run will do, and the rest folded."""

from __future__ import annotations

from collections.abc import Sequence

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ...candidates import check_detector
from ...dataset.checks import check_request
from ...dataset.claims import check_unclaimed
from ...dataset.parts import left_of, token_of
from ...dataset.schema import Fields
from ...encoders import check_encoder
from ...request import Request
from ...texts import Refusal
from ..given import Params
from ..inputs import show_problem
from ..shell import PLUGIN
from ..speaking import told
from .asking import ask_more, ask_what, shown_params
from .last_values import last_values
from .plan import plan_of
from .start import CONTINUE, ask_start, job_of
from .tasks import SHARE, ask_tasks, joined_part


def ground_form(ctx: foo.ExecutionContext) -> types.Property:
    """The form, with what the run will do, or an error sentence if it is invalid."""
    inputs = types.Object()
    if SHARE in ctx.params:  # a task has no form: all is in the record of its run
        return types.Property(inputs)
    samples, last = ctx.target_view(), last_values(ctx)
    params = shown_params(ctx, last)
    start = ask_start(ctx, inputs)
    if start != CONTINUE:
        ask_what(inputs, samples, params, last)
        _ask_existing(inputs, samples, params)
    _show_plan(ctx, inputs)
    if start != CONTINUE:
        _offer_preview(ctx, inputs)
        more = ask_more(inputs, samples, params, last)
        _ask_field(more, last)
        ask_tasks(more)
    else:
        ask_tasks(inputs)
    return types.Property(inputs, view=types.View(label="Ground videos"))


def checked_job(ctx: foo.ExecutionContext) -> tuple[SampleCollection, Request, Sequence[str]]:
    """The videos and the request of a form, and the samples left to ground; loads no model.

    Raises:
        Refusal: the request is invalid.
    """
    samples, request = job_of(ctx)
    part = joined_part(ctx)
    check_models(samples, request)
    check_unclaimed(samples._dataset, request.field, token=token_of(part))
    return samples, request, left_of(samples, request, samples.values("id"), part)


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


def _show_plan(ctx: foo.ExecutionContext, inputs: types.Object) -> None:
    """Shows what the run will do, or why it cannot run."""
    try:
        if job_of(ctx)[1].query == []:
            return  # the form already marks it as required
        samples, request, ids = checked_job(ctx)
        inputs.md(plan_of(samples._dataset, request, ids), name="plan")
    except Refusal as error:
        show_problem(inputs, told(ctx, error))


def _offer_preview(ctx: foo.ExecutionContext, inputs: types.Object) -> None:
    """Adds a button that opens the preview with the same values, and for the same videos.

    FiftyOne takes the target out of the parameters.
    """
    target = ctx.request_params.get("view_target")
    button = types.Button(
        label="Preview on the first video",
        operator=f"{PLUGIN}/preview_grounding",
        params=ctx.params | ({"view_target": target} if target else {}),
        prompt=True,
    )
    inputs.view("preview", button)


def _ask_existing(inputs: types.Object, samples: SampleCollection, params: Params) -> None:
    """Asks how to handle existing results, if there are any in the fields."""
    fields = Fields(str(params.get("field") or "e3m"))
    if samples._dataset.has_field(fields.events):
        inputs.bool(
            "only_new",
            label="Only videos not yet grounded",
            description=f"Skips videos that have a grounding in frames.{fields.tube}.",
            default=False,
        )
    if fields.present(samples._dataset):
        inputs.bool(
            "overwrite",
            label="Overwrite",
            description=f"Replaces what frames.{fields.tube} and its other fields hold on these "
            "videos.",
            default=False,
        )


def _ask_field(inputs: types.Object, last: Params) -> None:
    inputs.str(
        "field",
        label="Field name",
        description="The frame field for the tube; the other field names start with it.",
        default=last.get("field") or "e3m",
    )
