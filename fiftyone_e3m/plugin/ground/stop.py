"""The operator that stops a run between two videos."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.operators import types

from ...dataset.signals import request_stop
from ...request import GroundingError
from ...review.last_run import LastRun, last_run
from ...texts import code
from ..shell import Outcome, Shell


class StopGrounding(Shell):
    """Asks the active grounding run to stop before its next video."""

    label = "Stop the grounding run"
    description = (
        "The run ends before its next video. Finished videos stay, and it can be continued."
    )
    icon = "stop_circle"
    risk = "low"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Shows the run and its progress."""
        run = _running(ctx)
        if run.progress:
            inputs.md(f"{code(run.key)}: {run.progress}.", name="run")
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Sets the flag that the run checks."""
        run = _running(ctx)
        request_stop(ctx.dataset, run.key)
        return Outcome(f"'{run.key}' stops before its next video.", variant="info")


def _running(ctx: foo.ExecutionContext) -> LastRun:
    run = last_run(ctx.dataset)
    if run is None or run.state != "running":
        raise GroundingError(f"No grounding run is active in '{ctx.dataset.name}'.")
    return run
