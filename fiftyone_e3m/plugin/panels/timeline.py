"""The panel beside an open video: the timelines of its sentences."""

from __future__ import annotations

from typing import Any

import fiftyone as fo
import fiftyone.operators as foo
from fiftyone.operators import types

from ...dataset.appearance import colour_of
from ...dataset.labels import Span
from ...dataset.runs import grounding_fields
from ...dataset.schema import Fields
from ...evaluation.tubes import TubeFields, read_tubes, truth_fields
from ...request import GroundingError
from ...review.drawing import draw_frame
from ...review.grounded import readable_grounding
from ...review.timelines import Timeline, read_timelines
from ...texts import code, escape_markdown, one_line, shortened
from ...video import VideoError
from ..shell import PLUGIN
from .shared import ARROW, NOTHING_GROUNDED, SHRINK, chosen_in_panel, in_lines, show_data
from .timeline_figure import figure_height, timeline_figure

HELP = """
Each row is a sentence, in the colour of its boxes. The curve is the relevance of every frame to
it, the band its predicted event, the green bar above the ground truth, the grey one below the event
before a correction. Ticks are boundaries of atomic events, diamonds the prototypes that the
sentence was calibrated with. Click a curve to see a frame, and to choose its sentence.
"""
NONE = "none"
LONGEST = 48
"""Most characters of a sentence in the menu; the whole of it is below."""


class RelevanceTimeline(foo.Panel):
    """Relevance curve, event, ground truth, atomic events and prototypes of the open video."""

    @property
    def config(self) -> foo.PanelConfig:
        """The configuration of the panel in FiftyOne."""
        return foo.PanelConfig(
            name="relevance_timeline",
            label="Relevance timeline",
            surfaces="modal",
            icon="timeline",
            help_markdown=HELP,
        )

    def on_load(self, ctx: foo.ExecutionContext) -> None:
        """The panel opens."""
        ctx.panel.state.frame = None

    def on_refresh(self, ctx: foo.ExecutionContext) -> None:
        """An operator opened from the panel is done; rendering reads its changes."""

    def on_change_current_sample(self, ctx: foo.ExecutionContext) -> None:
        """Another video is opened: shows its first sentence, without a clicked frame."""
        ctx.panel.set_state({"frame": None, "query": None})

    def on_field(self, ctx: foo.ExecutionContext) -> None:
        """Another grounding is chosen."""
        ctx.panel.set_state({"field": ctx.params["value"], "query": None})

    def on_query(self, ctx: foo.ExecutionContext) -> None:
        """Another sentence is chosen."""
        ctx.panel.state.query = ctx.params["value"]

    def on_truth(self, ctx: foo.ExecutionContext) -> None:
        """Another ground truth is chosen."""
        ctx.panel.state.truth = ctx.params["value"]

    def on_click(self, ctx: foo.ExecutionContext) -> None:
        """A frame of a row is clicked: chooses the row, shows the frame, moves the player to it."""
        _, _, timelines = self._read(ctx, sorted(grounding_fields(ctx.dataset)))
        if not timelines:
            return
        row = ctx.params.get("trace_idx")
        if row is not None and row < len(timelines):
            ctx.panel.state.query = timelines[row].query
        frame = self._chosen(ctx, timelines).frame_at(float(ctx.params["x"]))
        ctx.panel.state.frame = frame
        ctx.trigger(f"{PLUGIN}/seek_video", {"frame_number": frame})

    def on_clip(self, ctx: foo.ExecutionContext) -> None:
        """Opens the event as a clip."""
        shown = self._shown(ctx)
        if shown is None:
            return
        field, timeline = shown
        view = ctx.dataset.select(_sample_id(ctx))
        events = Fields(field).events
        view = view.filter_labels(events, fo.ViewField("label") == timeline.query)
        ctx.ops.close_sample()
        ctx.ops.set_view(view.to_clips(events))

    def on_first(self, ctx: foo.ExecutionContext) -> None:
        """Opens the correction form with the clicked frame as the first of the event."""
        self._correct(ctx, first=ctx.panel.state.frame)

    def on_last(self, ctx: foo.ExecutionContext) -> None:
        """Opens the correction form with the clicked frame as the last of the event."""
        self._correct(ctx, last=ctx.panel.state.frame)

    def on_accept(self, ctx: foo.ExecutionContext) -> None:
        """Opens the form to accept the tube as ground truth."""
        shown = self._shown(ctx)
        if shown:
            field, timeline = shown
            self._prompt(ctx, "accept_tubes", {"field": field, "queries": [timeline.query]})

    def render(self, ctx: foo.ExecutionContext) -> types.Property:
        """Renders the panel from its state and the dataset."""
        panel = types.Object()
        layout = types.GridView(orientation="vertical", columns=1, gap=1, px=2)
        fields = sorted(grounding_fields(ctx.dataset))
        hint, field, timelines = self._read(ctx, fields)
        if hint:
            panel.md(hint, name="hint")
            return types.Property(panel, view=layout)
        timeline = self._chosen(ctx, timelines)
        choices = panel.h_stack("choices", **in_lines())
        queries = [t.query for t in timelines]
        self._ask(ctx, choices, "query", "Sentence", queries, timeline.query)
        if len(fields) > 1:
            self._ask(ctx, choices, "field", "Grounding", fields, field)
        truths = truth_fields(ctx.dataset)
        truth = ctx.panel.state.truth or next((n for n, f in truths.items() if f.events), NONE)
        if truths:
            self._ask(ctx, choices, "truth", "Ground truth", [*truths, NONE], truth)
        spans = _true_events(ctx, truths[truth]) if truth in truths else {}
        frame = ctx.panel.state.frame
        chosen = timelines.index(timeline)
        traces, plot_layout = timeline_figure(timelines, chosen, spans, frame)
        panel.md(_sentence(timeline), name="sentence")
        self._buttons(panel, has_frame=bool(frame))
        panel.plot(
            "plot",
            layout=plot_layout,
            height=f"{figure_height(len(timelines))}px",
            componentsProps=SHRINK,
            config={"displayModeBar": False},
            on_click=self.on_click,
        )
        show_data(ctx, "plot", traces)
        if frame:
            self._show_frame(ctx, panel, timeline, frame)
        return types.Property(panel, view=layout)

    def _buttons(self, panel: types.Object, has_frame: bool) -> None:
        """The buttons, above the curves: FiftyOne's arrow to the next video covers the middle."""
        buttons = panel.h_stack("buttons", **in_lines(ARROW))
        buttons.btn("clip", label="Open as clip", icon="movie", on_click=self.on_clip)
        buttons.btn("accept", label="Accept", icon="check", on_click=self.on_accept)
        if has_frame:
            buttons.btn("first", label="Begins here", icon="first_page", on_click=self.on_first)
            buttons.btn("last", label="Ends here", icon="last_page", on_click=self.on_last)

    def _read(
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
            return escape_markdown(str(error)), field, []
        timelines = read_timelines(ctx.dataset, _sample_id(ctx), field)
        if timelines:
            return None, field, timelines
        hint = (
            f"This video has no grounding in {code(field)}. Close it, select it in the grid and "
            f"press **Ground videos**. {escape_markdown(_reason(ctx, field))}"
        )
        return hint, field, []

    def _shown(self, ctx: foo.ExecutionContext) -> tuple[str, Timeline] | None:
        """The grounding and timeline shown; None if deleted since the panel was rendered."""
        hint, field, timelines = self._read(ctx, sorted(grounding_fields(ctx.dataset)))
        return None if hint else (field, self._chosen(ctx, timelines))

    def _chosen(self, ctx: foo.ExecutionContext, timelines: list[Timeline]) -> Timeline:
        query = ctx.panel.state.query
        return next((t for t in timelines if t.query == query), timelines[0])

    def _correct(self, ctx: foo.ExecutionContext, **frames: int) -> None:
        shown = self._shown(ctx)
        if shown:
            field, timeline = shown
            first, last = timeline.event
            event = {"query": timeline.query, "first": first, "last": last, **frames}
            self._prompt(ctx, "correct_event", {"field": field, **event})

    def _prompt(self, ctx: foo.ExecutionContext, name: str, params: dict[str, Any]) -> None:
        """Opens an operator's form; the panel is rendered again when it is done."""
        ctx.prompt(f"{PLUGIN}/{name}", params=params, on_success=self.on_refresh)

    def _ask(
        self,
        ctx: foo.ExecutionContext,
        parent: types.Object,
        name: str,
        label: str,
        values: list[str],
        value: str,
    ) -> None:
        # otherwise the menu keeps the choice of another video, whatever the curve shows
        ctx.panel.set_state(f"choices.{name}", value)
        menu = types.DropdownView()
        for choice in values:
            menu.add_choice(choice, label=shortened(choice, LONGEST))
        parent.enum(
            name,
            values,
            label=label,
            default=value,
            view=menu,
            on_change=getattr(self, f"on_{name}"),
        )

    def _show_frame(
        self, ctx: foo.ExecutionContext, panel: types.Object, timeline: Timeline, frame: int
    ) -> None:
        box = timeline.boxes.get(frame)
        relevance = timeline.relevance_at(frame)
        fit = "" if relevance is None else f", relevance {relevance:.2f}"
        where = "" if box else ", no box of the tube here"
        panel.md(
            f"**Frame {frame}** ({timeline.seconds(frame):.2f} s{fit}{where})", name="frame_text"
        )
        try:
            path = ctx.dataset[_sample_id(ctx)].filepath
            picture = draw_frame(path, frame, box, colour_of(timeline.index))
        except VideoError as error:
            panel.md(escape_markdown(str(error)), name="frame_error")
            return
        narrow = {"image": {"style": {"maxWidth": "100%"}}}
        view = types.ImageView(width="480px", alt=f"Frame {frame}", componentsProps=narrow)
        panel.str("picture", view=view)
        show_data(ctx, "picture", picture)


def _sample_id(ctx: foo.ExecutionContext) -> str:
    """The sample id of the open video, also if a clip or a frame of it is open."""
    opened = ctx.current_sample
    if ctx.view._is_generated:
        sample_ids = ctx.view.select(opened).values("sample_id")
        return str(
            sample_ids[0] if sample_ids else opened
        )  # the view changes before the video is closed
    return str(opened)


def _true_events(ctx: foo.ExecutionContext, fields: TubeFields) -> dict[str, Span]:
    (tubes,) = read_tubes(ctx.dataset.select(_sample_id(ctx)), fields, fields)
    return {query: (tube.first, tube.last) for query, tube in tubes.true.items()}


def _reason(ctx: foo.ExecutionContext, field: str) -> str:
    """Why a sample has no answer, from the message of the last run."""
    message = Fields(field).message
    if not ctx.dataset.has_field(message):
        return ""
    values: list[Any] = ctx.dataset.select(_sample_id(ctx)).values(message)
    return f"The last run reported: {values[0]}" if values[0] else ""


def _sentence(timeline: Timeline) -> str:
    first, last = timeline.event
    start, end = timeline.ends(timeline.event)
    text = f"**{escape_markdown(one_line(timeline.query))}**  \n"
    text += f"{start:.1f} - {end:.1f} s (frames {first} - {last})"
    text += f", confidence {timeline.confidence:.2f}"
    if timeline.original:
        text += f"; corrected, was {timeline.original[0]} - {timeline.original[1]}"
    return text
