"""The operator that saves the views for review."""

from __future__ import annotations

from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ..review.saved_views import CONFIDENT, review_views, save_review_views
from ..texts import escape_markdown
from .inputs import ask_grounding, ask_share, chosen_grounding
from .shell import Outcome, Shell


class SaveReviewViews(Shell):
    """Saves views: confident, to review, no boxes, disagrees with ground truth."""

    label = "Save views for review"
    description = "Saves views made of plain FiftyOne stages, which you can edit like your own."
    icon = "bookmark_add"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the grounding and the threshold, and lists the contents of each view."""
        field = ask_grounding(ctx, inputs)
        ask_share(
            inputs,
            "confident",
            "Confidence threshold",
            "Groundings with at least this confidence (0 to 1) need no review.",
            CONFIDENT,
        )
        views = review_views(ctx.dataset, field, _threshold(ctx))
        lines = [
            f"- **{escape_markdown(name)}**: {len(view)} videos, {escape_markdown(what)}"
            for name, (view, what) in views.items()
        ]
        inputs.md("\n".join(lines), name="preview")
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Saves the views."""
        names = save_review_views(ctx.dataset, chosen_grounding(ctx), _threshold(ctx))
        return Outcome(f"Saved views: {', '.join(names)}.")


def _threshold(ctx: foo.ExecutionContext) -> float:
    value: Any = ctx.params.get("confident")
    return CONFIDENT if value is None else value
