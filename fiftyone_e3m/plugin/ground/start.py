"""Starting points of a run: the form, or a stopped run."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ...dataset.schema import Fields
from ...request import GroundingError, Request
from ...review.last_run import LastRun, last_run
from ..given import given_flag, given_params
from ..inputs import ask_radio
from .parameters import request_of
from .tasks import given_share, share_of
from .trust import check_trust

NEW, CONTINUE = "new", "continue"


def ask_start(ctx: foo.ExecutionContext, inputs: types.Object) -> str:
    """Asks for the starting point of a run, if there is a choice.

    Returns:
        The choice; `job_of` reports a choice that is no longer available.
    """
    run = _unfinished_run(ctx)
    if run is None:
        return str(ctx.params.get("start") or NEW)
    choices = {
        CONTINUE: f"Continue '{run.key}': {_describe(run)}",
        NEW: "Start a new run",
    }
    ask_radio(inputs, "start", "What to do", choices, CONTINUE, orientation="vertical")
    given = "query" in ctx.params or "query_field" in ctx.params
    return str(ctx.params.get("start") or (NEW if given else CONTINUE))


def job_of(ctx: foo.ExecutionContext) -> tuple[SampleCollection, Request]:
    """The videos and the request of a form.

    Raises:
        GroundingError: a hyper-parameter is out of range, there is no run to continue, no video is
            left, or a model is not trusted.
    """
    samples, request = _chosen(ctx)
    check_trust(request)
    return samples, request


def _chosen(ctx: foo.ExecutionContext) -> tuple[SampleCollection, Request]:
    params = given_params(ctx.params)
    share = given_share(params)
    if share:
        return share_of(ctx.dataset, share, params)
    if params.get("start") == CONTINUE:
        run = _unfinished_run(ctx)
        if run is None:
            raise GroundingError(f"There is no run to continue in '{ctx.dataset.name}'.")
        return ctx.dataset.load_run_view(run.key), Request.from_settings(run.config.settings)
    request = request_of(params)
    return _new_ones(ctx.target_view(), request, given_flag(params, "only_new")), request


def _new_ones(samples: SampleCollection, request: Request, only_new: bool) -> SampleCollection:
    """The samples without a grounding if `only_new`, else all samples."""
    events = Fields(request.field).events
    if not only_new or not samples._dataset.has_field(events):
        return samples
    new = samples.exists(events, False)
    if not new:
        raise GroundingError(
            f"All of these {len(samples)} videos already have a grounding in '{request.field}'."
        )
    return new


def _unfinished_run(ctx: foo.ExecutionContext) -> LastRun | None:
    run = last_run(ctx.dataset)
    return run if run and run.state != "finished" else None


def _describe(run: LastRun) -> str:
    settings = run.config.settings
    asked = ", ".join(settings["query"] or settings["query_field"])
    done = run.progress.share if run.progress else "started"
    state = "stopped" if run.state == "stopped" else "still running, or killed"
    return f"{asked}; {done}, {state}"
