"""The part of the timeline panel that shows a frame, and lets another object be chosen in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
from .shared import SHRINK


@dataclass
class Sight:
    """What the panel shows of a frame.

    Attributes:
        text: what is known of it, as Markdown.
        image: its picture as a data URI; empty if it cannot be decoded.
        size: width and height of the video.
        offered: the objects that can be chosen in it.
        waits: whether they are shown only on request, as a detector takes seconds to load.
    """

    text: str
    image: str = ""
    size: tuple[int, int] = (1, 1)
    offered: Sequence[Candidate] = ()
    waits: bool = False


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

    def look(self, ctx: foo.ExecutionContext, field: str, timeline: Timeline, frame: int) -> Sight:
        """What there is to show of a frame."""
        relevance = timeline.relevance_at(frame)
        fit = "" if relevance is None else f", relevance {relevance:.2f}"
        where = "" if frame in timeline.boxes else ", no box of the tube here"
        sight = Sight(f"**Frame {frame}** ({timeline.seconds(frame):.2f} s{fit}{where})")
        sample, first, last = sample_of(ctx), *timeline.event
        try:
            video = Video.open(sample.filepath)
            sight.size = video.width, video.height
            sight.image = draw_frame(sample.filepath, frame, None, colour_of(timeline.index))
            if first <= frame <= last:
                request = request_of(sample, field)
                sight.waits = request.boxes_field is None and not ctx.panel.state.others
                if not sight.waits:
                    check_trust(request)
                    sight.offered = candidates_at(sample, frame, field)
        except Refusal as error:
            sight.text += f"  \n{escape_markdown(error.in_app)}"
        except VideoError as error:
            sight.text += f"  \n{escape_markdown(str(error))}"
        if sight.offered:
            sight.text += "  \nWrong object? Click the right one: the tube follows it."
        return sight

    def add_steps(self, buttons: types.Object, sight: Sight) -> None:
        """Adds the buttons of a frame."""
        buttons.btn("back", label="Back", icon="navigate_before", on_click=self.on_back)
        buttons.btn("forward", label="Forward", icon="navigate_next", on_click=self.on_forward)
        if sight.waits:
            label = "Show the objects in this frame"
            buttons.btn("others", label=label, icon="select_all", on_click=self.on_others)
        elif sight.offered:
            buttons.btn("list", label="Choose from a list", icon="list", on_click=self.on_list)

    def add_sight(
        self,
        ctx: foo.ExecutionContext,
        panel: types.Object,
        timeline: Timeline,
        frame: int,
        sight: Sight,
    ) -> None:
        """Adds what is known of a frame, and its picture."""
        panel.md(sight.text, name="frame_text")
        ctx.panel.state.offered = [[each.label, each.box] for each in sight.offered]
        if not sight.image:
            return
        box, colour = timeline.boxes.get(frame), colour_of(timeline.index)
        traces, layout = picture_figure(sight.image, sight.size, box, colour, sight.offered)
        panel.plot(
            "picture",
            data=traces,
            layout=layout,
            height=f"{HEIGHT}px",
            componentsProps=SHRINK,
            config={"displayModeBar": False},
            on_click=self.on_pick,
        )

    def _step(self, ctx: foo.ExecutionContext, by: int) -> None:
        shown, frame = self.shown(ctx), ctx.panel.state.frame
        if shown and frame and len(shown[1].frames):
            frames = shown[1].frames
            self.show_frame(ctx, int(min(max(frame + by, frames[0]), frames[-1])))
