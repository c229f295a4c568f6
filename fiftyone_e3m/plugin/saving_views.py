"""Saves the views for review with a threshold of the user's."""

from __future__ import annotations

import fiftyone.operators as foo
from fiftyone.operators import types

from ..review.saved_views import CONFIDENT, review_views, save_review_views
from .inputs import ask_grounding, ask_share, chosen_grounding
from .shell import Outcome, Shell


class SaveReviewViews(Shell):
    """Saves views: confident, to review, no boxes, disagrees with ground truth."""

    label = "Save views for review"
    description = "Saves views of plain FiftyOne stages; you can change them like your own."
    icon = "bookmark_add"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the grounding and the threshold, and says what each view would hold."""
        field = ask_grounding(ctx, inputs)
        ask_share(
            inputs,
            "confident",
            "Confident from",
            "Confidence from which a grounding need not be reviewed, 0..1.",
            CONFIDENT,
        )
        views = review_views(ctx.dataset, field, _threshold(ctx))
        lines = [
            f"- **{name}**: {len(view)} videos, {what}" for name, (view, what) in views.items()
        ]
        inputs.md("\n".join(lines), name="preview")
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Saves them."""
        names = save_review_views(ctx.dataset, chosen_grounding(ctx), _threshold(ctx))
        return Outcome(f"Saved views: {', '.join(names)}.")


def _threshold(ctx: foo.ExecutionContext) -> float:
    value = ctx.params.get("confident")
    return CONFIDENT if value is None else float(value)
