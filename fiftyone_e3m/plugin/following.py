"""Operator that lets tubes follow events which a person moved in the Annotate tab."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.operators import types

from ..request import GroundingError
from ..review.following import follow_events
from .inputs import ask_grounding, chosen_grounding
from .reviewing import NO_VIDEO
from .shell import Outcome, Shell
from .targets import ask_videos, chosen_videos

SAVES_LATER = "The Annotate tab saves a few seconds after a change; then this can be run again."


class FollowEditedEvents(Shell):
    """Adapts the tubes of the chosen videos to events that were moved."""

    label = "Follow edited events"
    description = (
        "Where you dragged an event in the Annotate tab, its tube is adapted: boxes outside are "
        "removed, missing ones are added. The original is kept and can be restored."
    )
    icon = "move_down"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the grounding and the videos."""
        ask_grounding(ctx, inputs)
        return None if ask_videos(ctx, inputs) is not None else NO_VIDEO

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Adapts the tubes; the toast is yellow if boxes need a check."""
        samples = chosen_videos(ctx)
        if samples is None:
            raise GroundingError(NO_VIDEO)
        report = follow_events(samples, chosen_grounding(ctx))
        if not report.corrections and not report.left:
            return Outcome(f"{report.headline} {SAVES_LATER}", variant="info")
        sound = not report.left and not report.repeated
        return Outcome(str(report), variant="success" if sound else "warning")
