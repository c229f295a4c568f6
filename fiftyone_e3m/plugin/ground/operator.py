"""The operator that grounds videos: shows a form, runs the library, and shows progress."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ...engines import ended_by_signal
from ...grounding import Job
from ...texts import Refusal, about_time
from ..shell import PLUGIN
from ..speaking import in_app, told
from .form import checked_job, ground_form
from .last_values import keep_values
from .tasks import given_up_on_error, part_of

logger = logging.getLogger(__name__)

ICONS = {"light_icon": "/assets/icon-light.svg", "dark_icon": "/assets/icon-dark.svg"}
BUTTON_ICONS = {"lightIcon": ICONS["light_icon"], "darkIcon": ICONS["dark_icon"]}
"""The App reads those of a button by other names."""


class GroundVideos(foo.Operator):
    """Grounds sentences in the selected videos, the view or the dataset."""

    @property
    def config(self) -> foo.OperatorConfig:
        """The configuration of the operator in FiftyOne."""
        return foo.OperatorConfig(
            name="ground_videos",
            label="Ground videos: find what a sentence means, and when",
            description="Writes the object's tube and a relevance score per frame (E3M).",
            **ICONS,
            dynamic=True,
            execute_as_generator=True,
            allow_immediate_execution=True,
            allow_delegated_execution=True,
            allow_distributed_execution=True,
            risk_level="high",
        )

    def resolve_placement(self, ctx: foo.ExecutionContext) -> types.Placement:
        """A button above the grid."""
        return types.Placement(
            types.Places.SAMPLES_GRID_SECONDARY_ACTIONS,
            types.Button(label="Ground videos", prompt=True, **BUTTON_ICONS),
        )

    def resolve_input(self, ctx: foo.ExecutionContext) -> types.Property:
        """The form."""
        return ground_form(ctx)

    def execute(self, ctx: foo.ExecutionContext) -> Iterator[Any]:
        """Grounds one video after another; writes the summary to the run record and a toast.

        Raises:
            Refusal: the request is invalid, or a model cannot be loaded. In the App, a toast says
                so.
        """
        ends = ended_by_signal(even_if_handled=True) if ctx.delegated else nullcontext()
        with ends, given_up_on_error(ctx):
            try:
                keep_values(ctx)
                part = part_of(ctx)
                samples, request, _ = checked_job(ctx)
            except Refusal as error:
                yield from _refuse(ctx, error)
                return
            yield from _progress(ctx, 0, "loading models")
            try:
                yield from _run(ctx, Job(samples, request, part))
            except Refusal as error:
                yield from _progress(ctx, 0, f"Ended: {told(ctx, error)}")
                yield from _refuse(ctx, error)


def _refuse(ctx: foo.ExecutionContext, error: Refusal) -> Iterator[Any]:
    """Shows a refusal as a toast in the App; a program gets the error."""
    if not in_app(ctx):
        raise error
    yield ctx.ops.notify(error.in_app, variant="error")


def _run(ctx: foo.ExecutionContext, job: Job) -> Iterator[Any]:
    """Runs a job and shows its progress and its outcome."""
    yield from _progress(ctx, 0, _label(job))
    for done, _ in enumerate(job, 1):
        yield from _progress(ctx, done / len(job), _label(job))
    summary = job.summary
    logger.info(str(summary))
    if not ctx.delegated:
        text = " ".join([summary.headline, *summary.notices])
        yield ctx.ops.notify(text, variant="warning" if summary.not_ok else "success")
        yield ctx.ops.reload_dataset()
        yield ctx.trigger(f"{PLUGIN}/dock_timeline")


def _label(job: Job) -> str:
    """How many videos are done, how long the rest takes, and which one is next."""
    done, seconds, total = len(job.summary.videos), job.summary.seconds, len(job)
    text = f"{done}/{total} videos"
    if job.upcoming is None:
        return text
    if done:
        text += f", about {about_time(seconds / done * (total - done))} left"
    return f"{text}: {Path(job.upcoming).name}"


def _progress(ctx: foo.ExecutionContext, share: float, label: str) -> Iterator[Any]:
    """Shows progress; a display error must not abort a run."""
    try:
        if ctx.delegated:
            ctx.set_progress(progress=share, label=label)
        else:
            yield ctx.ops.set_progress(progress=share, label=label)
    except Exception:
        logger.exception("Progress could not be shown")
