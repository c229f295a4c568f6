"""The part of the timeline panel that shows a frame, and lets another object be chosen in it."""

from __future__ import annotations

from collections.abc import Sequence

import fiftyone.operators as foo
from fiftyone.operators import types

from ...dataset.appearance import colour_of
from ...regrounding import Candidate, candidates_at, request_of
from ...review.drawing import draw_frame
from ...review.timelines import Timeline
from ...texts import Refusal, escape_markdown
from ...video import Video, VideoError
from ..ground.trust import check_trust
from ..shell import PLUGIN
from .opened import OpenedVideo, sample_of
from .picture import HEIGHT, hit, picture_figure
from .shared import SHRINK, in_lines, show_data


class Choosing(OpenedVideo):
    """Events and elements of the panel around the frame that was clicked."""

    def on_back(self, ctx: foo.ExecutionContext) -> None:
        """Shows the frame before."""
        self._step(ctx, -1)

    def on_forward(self, ctx: foo.ExecutionContext) -> None:
        """Shows the next frame."""
        self._step(ctx, 1)

    def on_others(self, ctx: foo.ExecutionContext) -> None:
        """From now on, what the detector finds in a frame is shown in it."""
        ctx.panel.state.others = True

    def on_pick(self, ctx: foo.ExecutionContext) -> None:
        """A place of the picture is clicked: the tube follows the object there."""
        shown, frame = self.shown(ctx), ctx.panel.state.frame
        offered = [Candidate(*each) for each in ctx.panel.state.offered or []]
        picked = hit(offered, float(ctx.params["x"]), float(ctx.params["y"]))
        if shown is None or frame is None or picked is None:
            return
        field, timeline = shown
        params = {"field": field, "query": timeline.query, "frame": frame, "box": picked.box}
        ctx.ops.notify("The tube is linked anew.", variant="info")
        ctx.prompt(
            f"{PLUGIN}/correct_tube",
            params=params,
            on_success=self.on_refresh,
            on_error=self.on_failure,
            skip_prompt=True,
        )

    def on_list(self, ctx: foo.ExecutionContext) -> None:
        """Opens the form with the list of the objects in the frame."""
        shown = self.shown(ctx)
        if shown:
            field, timeline = shown
            params = {"field": field, "query": timeline.query, "frame": ctx.panel.state.frame}
            self.prompt(ctx, "correct_tube", params)

    def add_frame(
        self,
        ctx: foo.ExecutionContext,
        panel: types.Object,
        field: str,
        timeline: Timeline,
        frame: int,
    ) -> None:
        """Adds what is known of a frame, its picture, and the objects in it."""
        box, relevance = timeline.boxes.get(frame), timeline.relevance_at(frame)
        fit = "" if relevance is None else f", relevance {relevance:.2f}"
        where = "" if box else ", no box of the tube here"
        text = f"**Frame {frame}** ({timeline.seconds(frame):.2f} s{fit}{where})"
        sample, first, last = sample_of(ctx), *timeline.event
        offered: Sequence[Candidate] = ()
        waits = False  # for a button, as a detector takes seconds to load
        try:
            video = Video.open(sample.filepath)
            image = draw_frame(sample.filepath, frame, None, colour_of(timeline.index))
            if first <= frame <= last:
                request = request_of(sample, field)
                waits = request.boxes_field is None and not ctx.panel.state.others
                if not waits:
                    check_trust(request)
                    offered = candidates_at(sample, frame, field)
        except Refusal as error:
            text += f"  \n{escape_markdown(error.in_app)}"
        except VideoError as error:
            panel.md(text, name="frame_text")
            panel.md(escape_markdown(str(error)), name="frame_error")
            return
        if offered:
            text += "  \nWrong object? Click the right one: the tube follows it."
        panel.md(text, name="frame_text")
        self._add_buttons(panel, bool(offered), waits)
        ctx.panel.state.offered = [[each.label, each.box] for each in offered]
        size = video.width, video.height
        traces, layout = picture_figure(image, size, box, colour_of(timeline.index), offered)
        panel.plot(
            "picture",
            layout=layout,
            height=f"{HEIGHT}px",
            componentsProps=SHRINK,
            config={"displayModeBar": False},
            on_click=self.on_pick,
        )
        show_data(ctx, "picture", traces)

    def _add_buttons(self, panel: types.Object, are_offered: bool, waits: bool) -> None:
        buttons = panel.h_stack("frame_buttons", **in_lines())
        buttons.btn("back", label="Back", icon="navigate_before", on_click=self.on_back)
        buttons.btn("forward", label="Forward", icon="navigate_next", on_click=self.on_forward)
        if waits:
            label = "Show the objects in this frame"
            buttons.btn("others", label=label, icon="select_all", on_click=self.on_others)
        elif are_offered:
            buttons.btn("list", label="Choose from a list", icon="list", on_click=self.on_list)

    def _step(self, ctx: foo.ExecutionContext, by: int) -> None:
        shown, frame = self.shown(ctx), ctx.panel.state.frame
        if shown and frame and len(shown[1].frames):
            frames = shown[1].frames
            self.show_frame(ctx, int(min(max(frame + by, frames[0]), frames[-1])))
