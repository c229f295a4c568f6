"""The open video and its timelines, as all parts of the panel beside it read them."""

from __future__ import annotations

from typing import Any

import fiftyone as fo
import fiftyone.operators as foo

from ...dataset.runs import grounding_fields
from ...dataset.schema import Fields
from ...request import GroundingError
from ...review.grounded import readable_grounding
from ...review.timelines import Timeline, read_timelines
from ...texts import code, escape_markdown
from ..shell import PLUGIN
from .shared import NOTHING_GROUNDED, chosen_in_panel


class OpenedVideo(foo.Panel):
    """A panel beside an open video, which shows one of its sentences."""

    def on_refresh(self, ctx: foo.ExecutionContext) -> None:
        """An operator opened from the panel is done; rendering reads its changes."""

    def on_failure(self, ctx: foo.ExecutionContext) -> None:
        """An operator that the panel has run did not succeed: says why."""
        ctx.ops.notify(str(ctx.params.get("error") or "This did not work."), variant="error")

    def read(
        self, ctx: foo.ExecutionContext, fields: list[str]
    ) -> tuple[str | None, str, list[Timeline]]:
        """A hint if there is nothing to show, the chosen grounding, and its timelines."""
        if not fields:
            return NOTHING_GROUNDED, "", []
        if not ctx.current_sample:
            return "Open a video to see its timeline.", "", []
        field = chosen_in_panel(ctx, fields)
        try:
            readable_grounding(ctx.dataset, field)
        except GroundingError as error:
            return escape_markdown(error.in_app), field, []
        timelines = read_timelines(ctx.dataset, sample_id_of(ctx), field)
        if timelines:
            return None, field, timelines
        hint = (
            f"This video has no grounding in {code(field)}. Close it, select it in the grid and "
            f"press **Ground videos**. {escape_markdown(_reason(ctx, field))}"
        )
        return hint, field, []

    def shown(self, ctx: foo.ExecutionContext) -> tuple[str, Timeline] | None:
        """The grounding and timeline shown; None if deleted since the panel was rendered."""
        hint, field, timelines = self.read(ctx, sorted(grounding_fields(ctx.dataset)))
        return None if hint else (field, self.chosen(ctx, timelines))

    def chosen(self, ctx: foo.ExecutionContext, timelines: list[Timeline]) -> Timeline:
        """The chosen timeline, or else the first that nobody judged."""
        query = ctx.panel.state.query
        waiting = next((t for t in timelines if t.state == "to review"), timelines[0])
        return next((t for t in timelines if t.query == query), waiting)

    def prompt(self, ctx: foo.ExecutionContext, name: str, params: dict[str, Any]) -> None:
        """Opens an operator's form; the panel is rendered again when it is done."""
        ctx.prompt(f"{PLUGIN}/{name}", params=params, on_success=self.on_refresh)

    def show_frame(self, ctx: foo.ExecutionContext, frame: int) -> None:
        """Shows a frame in the panel, and moves the player to it."""
        ctx.panel.state.frame = frame
        ctx.trigger(f"{PLUGIN}/seek_video", {"frame_number": frame})


def sample_id_of(ctx: foo.ExecutionContext) -> str:
    """The sample id of the open video, also if a clip or a frame of it is open."""
    opened = ctx.current_sample
    if ctx.view._is_generated:
        sample_ids = ctx.view.select(opened).values("sample_id")
        return str(
            sample_ids[0] if sample_ids else opened
        )  # the view changes before the video is closed
    return str(opened)


def sample_of(ctx: foo.ExecutionContext) -> fo.Sample:
    """The open video."""
    return ctx.dataset[sample_id_of(ctx)]


def _reason(ctx: foo.ExecutionContext, field: str) -> str:
    """Why a sample has no answer, from the message of the last run."""
    message = Fields(field).message
    if not ctx.dataset.has_field(message):
        return ""
    values: list[Any] = ctx.dataset.select(sample_id_of(ctx)).values(message)
    return f"The last run reported: {values[0]}" if values[0] else ""
