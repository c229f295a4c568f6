"""The operator that marks an answer as wrong, or takes a judgement back."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.operators import types

from ..review.grounded import readable_grounding
from ..review.queue import reject_tube, reopen_tube
from .given import given_flag
from .inputs import ask_grounding, chosen_grounding
from .sentence import ask_sentence, chosen_event
from .shell import Outcome, Shell
from .targets import ask_video, one_video


class RejectTube(Shell):
    """Marks the answer to a sentence as wrong; it is kept."""

    label = "Reject a tube"
    description = (
        "Marks the answer to a sentence as wrong. It is kept, but not handed over, and counts as "
        "wrong when the confidence is calibrated."
    )
    icon = "thumb_down"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the sentence."""
        field = ask_grounding(ctx, inputs)
        sample = ask_video(ctx, inputs)
        readable_grounding(ctx.dataset, field)
        ask_sentence(ctx, inputs, sample, field)
        inputs.bool(
            "reopen",
            label="Put it back to those to be reviewed instead",
            description="Takes back that it was accepted or rejected.",
            default=False,
        )
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Marks the event."""
        sample, field = one_video(ctx), chosen_grounding(ctx)
        query = chosen_event(ctx, sample, field).label
        judge = reopen_tube if given_flag(ctx.params, "reopen") else reject_tube
        verdict = judge(sample, query, field)
        return Outcome(verdict.headline, variant="warning" if verdict.kept else "info")
