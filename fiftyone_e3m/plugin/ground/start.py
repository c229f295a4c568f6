"""Starting points of a run: the form, the settings of a preview, or a stopped run."""

from __future__ import annotations

from typing import Any

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ...dataset.schema import Fields
from ...dataset.signals import STORE
from ...request import GroundingError, Request
from ...review.overview import LastRun, last_run
from ..given import given_flag
from ..inputs import ask_radio
from .parameters import request_of
from .trust import check_trust

NEW, PREVIEWED, CONTINUE = "new", "previewed", "continue"
KEPT_FOR = 3600
"""Time in seconds for which the settings of a preview are offered."""
NOT_OF_A_PREVIEW = ("field", "overwrite", "only_new", "start", "view_target")


def keep_preview(ctx: foo.ExecutionContext) -> None:
    """Stores the settings of a preview for a run that may follow."""
    kept = {name: value for name, value in ctx.params.items() if name not in NOT_OF_A_PREVIEW}
    ctx.store(STORE).set("previewed", kept, ttl=KEPT_FOR)


def ask_start(ctx: foo.ExecutionContext, inputs: types.Object) -> str:
    """Asks for the starting point of a run, if there is a choice.

    Returns:
        The choice; `job_of` reports a choice that is no longer available.
    """
    choices = {}
    run, previewed = _unfinished_run(ctx), _previewed(ctx)
    if run:
        choices[CONTINUE] = f"Continue '{run.key}': {_describe(run)}"
    if previewed:
        choices[PREVIEWED] = f"Use the previewed settings: {_asked(previewed)}"
    if not choices:
        return str(ctx.params.get("start") or NEW)
    choices[NEW] = "Start a new run"
    default = next(iter(choices))
    ask_radio(inputs, "start", "What to do", choices, default, orientation="vertical")
    given = "query" in ctx.params or "query_field" in ctx.params
    return str(ctx.params.get("start") or (NEW if given else default))


def job_of(ctx: foo.ExecutionContext) -> tuple[SampleCollection, Request]:
    """The videos and the request of a form.

    Raises:
        GroundingError: a hyper-parameter is out of range, there is no run to continue or preview
            to take settings from, no video is left, or a model is not trusted.
    """
    samples, request = _chosen(ctx)
    check_trust(request)
    return samples, request


def _chosen(ctx: foo.ExecutionContext) -> tuple[SampleCollection, Request]:
    start, params = ctx.params.get("start", NEW), ctx.params
    if start == CONTINUE:
        run = _unfinished_run(ctx)
        if run is None:
            raise GroundingError(f"There is no run to continue in '{ctx.dataset.name}'.")
        return ctx.dataset.load_run_view(run.key), Request.from_settings(run.config.settings)
    if start == PREVIEWED:
        previewed = _previewed(ctx)
        if previewed is None:
            raise GroundingError("The settings of the last preview have expired. Start a new run.")
        params = {k: v for k, v in params.items() if k in NOT_OF_A_PREVIEW} | previewed
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


def _asked(params: dict[str, Any]) -> str:
    """The sentences or query fields in the parameters of a form, as text."""
    request = request_of(params)
    return ", ".join(request.queries or request.query_fields)


def _describe(run: LastRun) -> str:
    settings = run.config.settings
    asked = ", ".join(settings["query"] or settings["query_field"])
    done = run.progress.share if run.progress else "started"
    state = "stopped" if run.state == "stopped" else "still running, or killed"
    return f"{asked}; {done}, {state}"


def _previewed(ctx: foo.ExecutionContext) -> dict[str, Any] | None:
    params: dict[str, Any] | None = ctx.store(STORE).get("previewed")
    return params
