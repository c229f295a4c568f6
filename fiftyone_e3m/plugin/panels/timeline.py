"""The panel beside an open video: the timelines of its sentences."""

from __future__ import annotations

import fiftyone as fo
import fiftyone.operators as foo
from fiftyone.operators import types

from ...dataset.labels import Span
from ...dataset.runs import grounding_fields
from ...dataset.schema import Fields
from ...evaluation.tubes import TubeFields, are_candidates, read_tubes, truth_fields
from ...review.timelines import Timeline
from ...texts import escape_markdown, one_line
from .choosing import Choosing, Sight
from .opened import sample_id_of
from .queueing import Queueing
from .shared import ARROW, SHRINK, ask_choice, in_lines
from .timeline_figure import timeline_figure

HELP = """
Each row is a sentence, in the colour of its boxes. The curve is the relevance of every frame to
it, the band its predicted event, the green bar above the ground truth, the grey one below the event
before a correction. Ticks are boundaries of atomic events, diamonds the prototypes that the
sentence was calibrated with. Click a curve to see a frame, and to choose its sentence. Click
another object in the frame, and the tube follows it. Shift+A accepts, Shift+R rejects, and Shift+N
goes to the next sentence that nobody judged.
"""
NONE = "none"


class RelevanceTimeline(Choosing, Queueing):
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
        truths = _truths(ctx).items()
        truth = next((name for name, fields in truths if fields.events), NONE)
        ctx.panel.set_state({"frame": None, "truth": truth})

    def on_field(self, ctx: foo.ExecutionContext) -> None:
        """Another grounding is chosen."""
        ctx.panel.set_state({"field": ctx.params["value"], "query": None})

    def on_truth(self, ctx: foo.ExecutionContext) -> None:
        """Another ground truth is chosen."""
        ctx.panel.state.truth = ctx.params["value"]

    def on_click(self, ctx: foo.ExecutionContext) -> None:
        """A frame of a row is clicked: chooses the row, shows the frame, moves the player to it."""
        _, _, timelines = self.read(ctx, sorted(grounding_fields(ctx.dataset)))
        if not timelines:
            return
        row = ctx.params.get("trace_idx")
        if row is not None and row < len(timelines):
            ctx.panel.state.query = timelines[row].query
        self.show_frame(ctx, self.chosen(ctx, timelines).frame_at(float(ctx.params["x"])))

    def on_clip(self, ctx: foo.ExecutionContext) -> None:
        """Opens the event as a clip."""
        shown = self.shown(ctx)
        if shown is None:
            return
        field, timeline = shown
        view = ctx.dataset.select(sample_id_of(ctx))
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

    def render(self, ctx: foo.ExecutionContext) -> types.Property:
        """Renders the panel from its state and the dataset."""
        panel = types.Object()
        layout = types.GridView(orientation="vertical", columns=1, gap=1, px=2)
        fields = sorted(grounding_fields(ctx.dataset))
        hint, field, timelines = self.read(ctx, fields)
        if hint:
            panel.md(hint, name="hint")
            return types.Property(panel, view=layout)
        timeline = self.chosen(ctx, timelines)
        if ctx.panel.state.query != timeline.query:
            ctx.panel.state.query = timeline.query  # stays, even when it is judged
        truths = _truths(ctx)
        truth = ctx.panel.state.truth if ctx.panel.state.truth in truths else NONE
        if truths or len(fields) > 1:
            choices = panel.h_stack("choices", **in_lines(each="180px"))
            if len(fields) > 1:
                names = {name: name for name in fields}
                ask_choice(ctx, choices, "field", "Grounding", names, field, self.on_field)
            if truths:
                names = {name: name for name in (*truths, NONE)}
                ask_choice(ctx, choices, "truth", "Ground truth", names, truth, self.on_truth)
        spans = _true_events(ctx, truths[truth]) if truth in truths else {}
        frame = ctx.panel.state.frame
        chosen = timelines.index(timeline)
        traces, plot_layout = timeline_figure(timelines, chosen, spans, frame)
        panel.md(_sentence(timeline), name="sentence")
        sight = self.look(ctx, field, timeline, frame) if frame else None
        self._buttons(panel, timeline, sight)
        panel.plot(
            "plot",
            data=traces,
            layout=plot_layout,
            height=f"{plot_layout['height']}px",
            componentsProps=SHRINK,
            config={"displayModeBar": False},
            on_click=self.on_click,
        )
        if sight:
            self.add_sight(ctx, panel, timeline, frame, sight)
        return types.Property(panel, view=layout)

    def _buttons(self, panel: types.Object, timeline: Timeline, sight: Sight | None) -> None:
        """The buttons, above the curves: FiftyOne's arrow to the next video covers the middle."""
        buttons = panel.h_stack("buttons", **in_lines(ARROW, is_dense=True))
        self.add_verdicts(buttons, timeline)
        buttons.btn("clip", label="Open as clip", icon="movie", on_click=self.on_clip)
        if sight:
            self.add_steps(buttons, sight)
            buttons.btn("first", label="Begins here", icon="first_page", on_click=self.on_first)
            buttons.btn("last", label="Ends here", icon="last_page", on_click=self.on_last)

    def _correct(self, ctx: foo.ExecutionContext, **frames: int) -> None:
        shown = self.shown(ctx)
        if shown:
            field, timeline = shown
            first, last = timeline.event
            event = {"query": timeline.query, "first": first, "last": last, **frames}
            self.prompt(ctx, "correct_event", {"field": field, **event})


def _truths(ctx: foo.ExecutionContext) -> dict[str, TubeFields]:
    """The fields that may hold ground truth; none if there are only candidate boxes."""
    truths = truth_fields(ctx.dataset)
    return {} if are_candidates(ctx.dataset, truths) else truths


def _true_events(ctx: foo.ExecutionContext, fields: TubeFields) -> dict[str, Span]:
    (tubes,) = read_tubes(ctx.dataset.select(sample_id_of(ctx)), fields, fields)
    return {query: (tube.first, tube.last) for query, tube in tubes.true.items()}


def _sentence(timeline: Timeline) -> str:
    first, last = timeline.event
    start, end = timeline.ends(timeline.event)
    text = f"**{escape_markdown(one_line(timeline.query))}**  \n"
    text += f"{start:.1f} - {end:.1f} s (frames {first} - {last})"
    text += f", confidence {timeline.confidence:.2f}"
    if timeline.original == timeline.event:
        text += "; its tube was corrected"
    elif timeline.original:
        text += f"; corrected, was {timeline.original[0]} - {timeline.original[1]}"
    if timeline.state in ("accepted", "rejected"):
        text += f"; **{timeline.state}**"
    return text
