"""The operator that grounds videos: shows a form, runs the library, and shows progress."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ...candidates import DetectorError
from ...encoders import EncoderError
from ...grounding import Job
from ...request import GroundingError
from ..shell import PLUGIN
from .form import ground_form
from .start import job_of

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
            risk_level="medium",
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
            GroundingError: the request is invalid.
            EncoderError: the encoder cannot be loaded.
            DetectorError: the detector cannot be loaded.
        """
        yield from _progress(ctx, 0, "loading models")
        try:
            job = Job(*job_of(ctx))
        except (GroundingError, EncoderError, DetectorError) as error:
            if not ctx.delegated:
                yield ctx.ops.notify(str(error), variant="error")
            raise
        total = len(job)
        yield from _progress(ctx, 0, f"0/{total} videos")
        for done, _ in enumerate(job, 1):
            yield from _progress(ctx, done / total, f"{done}/{total} videos")
        summary = job.summary
        text = " ".join([summary.headline, *summary.notices])
        logger.info(str(summary))
        if not ctx.delegated:
            yield ctx.ops.notify(text, variant="warning" if summary.not_ok else "success")
            yield ctx.ops.reload_dataset()
            yield ctx.trigger(f"{PLUGIN}/dock_timeline")


def _progress(ctx: foo.ExecutionContext, share: float, label: str) -> Iterator[Any]:
    """Shows progress; a display error must not abort a run."""
    try:
        if ctx.delegated:
            ctx.set_progress(progress=share, label=label)
        else:
            yield ctx.ops.set_progress(progress=share, label=label)
    except Exception:
        logger.exception("Progress could not be shown")
