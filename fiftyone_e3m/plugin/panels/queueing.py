"""The part of the timeline panel that goes through a review, sentence by sentence."""

from __future__ import annotations

from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ...review.queue import next_in_queue
from ...review.spans import other_span
from ...review.timelines import Timeline
from ..reviewing import INTO
from ..shell import PLUGIN
from .opened import OpenedVideo, sample_id_of


class Queueing(OpenedVideo):
    """Events and buttons that judge the shown sentence and go to the next."""

    def on_accept(self, ctx: foo.ExecutionContext) -> None:
        """Copies the tube to the ground truth."""
        shown = self.shown(ctx)
        if shown:
            where = {"videos": "open", "into": INTO}  # nothing fills in defaults without the form
            params = {"field": shown[0], "queries": [shown[1].query], **where}
            self._run(ctx, "accept_tubes", params)

    def on_judged(self, ctx: foo.ExecutionContext) -> None:
        """What an accepted or rejected sentence has become; a refusal opens the form."""
        result, asked = ctx.params.get("result") or {}, ctx.params.get("original_params") or {}
        if result.get("rows"):
            reason = " ".join(row["not accepted"] for row in result["rows"])
            ctx.ops.notify(reason, variant="warning")
            self.prompt(ctx, "accept_tubes", {name: asked[name] for name in ("field", "queries")})

    def on_reject(self, ctx: foo.ExecutionContext) -> None:
        """Marks the answer as wrong; it is kept."""
        self._mark(ctx, reopen=False)

    def on_reopen(self, ctx: foo.ExecutionContext) -> None:
        """Puts the sentence back to those to be reviewed."""
        self._mark(ctx, reopen=True)

    def on_find(self, ctx: foo.ExecutionContext) -> None:
        """Looks for the object in the span of the event."""
        shown = self.shown(ctx)
        if shown:
            ctx.ops.notify("The object is looked for in this span.", variant="info")
            self._run(ctx, "find_object", {"field": shown[0], "query": shown[1].query})

    def on_other_span(self, ctx: foo.ExecutionContext) -> None:
        """Opens the correction form with another span in which the sentence fits as well."""
        shown = self.shown(ctx)
        span = shown and other_span(shown[1])
        if shown and span:
            event = {"query": shown[1].query, "first": span[0], "last": span[1]}
            self.prompt(ctx, "correct_event", {"field": shown[0], **event})

    def on_next(self, ctx: foo.ExecutionContext) -> None:
        """Goes to the next sentence to be reviewed, at the first frame of its event."""
        shown = self.shown(ctx)
        if shown is None:
            return
        field, timeline = shown
        here = sample_id_of(ctx)
        samples = ctx.dataset if ctx.view._is_generated else ctx.view
        waiting = next_in_queue(samples, field, here, timeline.query)
        if waiting is None:
            ctx.ops.notify("No other sentence is to be reviewed.", variant="info")
            return
        goal = {"query": waiting.query, "frame": waiting.first}
        if waiting.sample_id == here:
            ctx.panel.set_state(goal)
        else:
            ctx.panel.state.goal = {"sample_id": waiting.sample_id, **goal}
            ctx.ops.open_sample(id=waiting.sample_id)
        seek = {"frame_number": waiting.first, "sample_id": waiting.sample_id}
        ctx.trigger(f"{PLUGIN}/seek_video", seek)

    def on_change_current_sample(self, ctx: foo.ExecutionContext) -> None:
        """Another video is opened: shows the sentence that was asked for, or else its first."""
        goal = ctx.panel.state.goal or {}
        if goal.get("sample_id") != ctx.current_sample:
            goal = {}
        ctx.panel.set_state({"frame": goal.get("frame"), "query": goal.get("query"), "goal": None})

    def add_verdicts(self, buttons: types.Object, timeline: Timeline) -> None:
        """Adds the buttons that judge a sentence."""
        if timeline.state != "accepted":
            self._add(buttons, "accept", "Accept", "check", self.on_accept, "A")
        if timeline.state != "rejected":
            self._add(buttons, "reject", "Reject", "close", self.on_reject, "R")
        if timeline.state in ("accepted", "rejected"):
            buttons.btn("reopen", label="Review again", icon="undo", on_click=self.on_reopen)
        self._add(buttons, "next", "Next", "skip_next", self.on_next, "N")
        first, last = timeline.event
        if timeline.original and any(n not in timeline.boxes for n in range(first, last + 1)):
            label = "Find the object in this span"
            buttons.btn("find", label=label, icon="search", on_click=self.on_find)
        if span := other_span(timeline):
            label = "Rather at {:.1f} - {:.1f} s?".format(*timeline.ends(span))
            buttons.btn("other_span", label=label, icon="alt_route", on_click=self.on_other_span)

    def _add(
        self, buttons: types.Object, name: str, label: str, icon: str, event: Any, key: str
    ) -> None:
        """Adds a button that a key presses, see `browser.js`."""
        props = {"button": {"data-e3m-key": f"Key{key}"}}
        title = f"Shift+{key}"
        buttons.btn(
            name, label=label, icon=icon, on_click=event, title=title, componentsProps=props
        )

    def _mark(self, ctx: foo.ExecutionContext, reopen: bool) -> None:
        shown = self.shown(ctx)
        if shown:
            params = {"field": shown[0], "query": shown[1].query, "reopen": reopen}
            self._run(ctx, "reject_tube", params)

    def _run(self, ctx: foo.ExecutionContext, name: str, params: dict[str, Any]) -> None:
        """Runs an operator without its form; the panel is rendered again when it is done."""
        ctx.prompt(
            f"{PLUGIN}/{name}",
            params=params,
            on_success=self.on_judged,
            on_error=self.on_failure,
            skip_prompt=True,
        )
