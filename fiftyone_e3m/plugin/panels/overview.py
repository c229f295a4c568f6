"""The panel beside the grid: confidence, least confident events, and the last run."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ...dataset.runs import grounding_fields
from ...dataset.signals import request_stop
from ...request import GroundingError
from ...review.last_run import LastRun, last_run
from ...review.overview import EDGES, N_BINS, N_ROWS, Overview, latest_change, read_overview
from ...review.saved_views import between, save_review_views, unsure_first
from ...texts import escape_markdown
from ..ground.start import CONTINUE
from ..shell import PLUGIN
from .overview_texts import digest, headline, run_text, table_row
from .shared import (
    NOTHING_GROUNDED,
    PLOT,
    SHRINK,
    ask_choice,
    chosen_in_panel,
    in_lines,
    show_data,
)

HELP = """
Click a bar, or drag over several, to show the videos with that confidence in the grid, the least
confident first. The table lists the least confident events; its button opens the video where the
event begins. The panel follows runs, corrections and evaluations by itself.
"""
BAR = "#ff6d04"
N_PROBLEMS = 20
EVERY = 5000
"""Milliseconds after which the panel looks whether anything has changed."""
RESTS = 10
"""How much longer the panel rests than reading all of it took, as a million videos take seconds."""


class GroundingOverview(foo.Panel):
    """Confidence of all videos, the least confident events, and the last run."""

    @property
    def config(self) -> foo.PanelConfig:
        """The configuration of the panel in FiftyOne."""
        return foo.PanelConfig(
            name="grounding_overview",
            label="Grounding overview",
            surfaces="grid",
            icon="insights",
            help_markdown=HELP,
        )

    def execute(self, ctx: foo.ExecutionContext) -> Any:
        """Handles an event and renders the panel, except if time has passed and nothing else.

        What was rendered after a change is rendered once more: on a busy machine, the App loses
        one of two changes of a panel that meet (seen in 1.22), and would show the old state on.
        """
        if ctx.params.get("__method__") == "on_time" and self._is_settled(ctx):
            return None
        return super().execute(ctx)

    def on_load(self, ctx: foo.ExecutionContext) -> None:
        """The panel opens; its data is read when it is rendered."""

    def on_time(self, ctx: foo.ExecutionContext) -> None:
        """Something has changed in the last seconds; rendering reads it."""

    def on_change_dataset(self, ctx: foo.ExecutionContext) -> None:
        """Another dataset is opened."""
        ctx.panel.state.field = None

    def on_refresh(self, ctx: foo.ExecutionContext) -> None:
        """A run continued from the panel is done; rendering reads its results."""

    def on_field(self, ctx: foo.ExecutionContext) -> None:
        """Another grounding is chosen."""
        ctx.panel.state.field = ctx.params["value"]

    def on_bar(self, ctx: foo.ExecutionContext) -> None:
        """A bar is clicked: the grid shows its videos."""
        self._show_between(ctx, [float(ctx.params["x"])])

    def on_range(self, ctx: foo.ExecutionContext) -> None:
        """Several bars are selected: the grid shows their videos."""
        centres = [float(point["x"]) for point in ctx.params.get("data") or []]
        if centres:
            self._show_between(ctx, centres)

    def on_unsure(self, ctx: foo.ExecutionContext) -> None:
        """The grid shows all grounded videos, the least confident first."""
        field = self._field(ctx)
        if field:
            ctx.ops.set_view(unsure_first(ctx.dataset, field))

    def on_all(self, ctx: foo.ExecutionContext) -> None:
        """The grid shows the whole dataset."""
        ctx.ops.clear_view()

    def on_row(self, ctx: foo.ExecutionContext) -> None:
        """A row's video is opened, at the first frame of the event."""
        sample_id, first = ctx.panel.state.events_shown[ctx.params["row"]]
        ctx.ops.open_sample(id=sample_id)
        ctx.trigger(f"{PLUGIN}/seek_video", {"frame_number": first, "sample_id": sample_id})

    def on_views(self, ctx: foo.ExecutionContext) -> None:
        """The views for review are saved."""
        try:
            names = save_review_views(ctx.dataset, self._field(ctx))
        except GroundingError as error:
            ctx.ops.notify(error.in_app, variant="error")
            return
        ctx.ops.notify(f"Saved views: {', '.join(names)}.", variant="success")
        ctx.ops.reload_dataset()

    def on_stop(self, ctx: foo.ExecutionContext) -> None:
        """The run is asked to stop before its next video."""
        run = last_run(ctx.dataset)
        if run and run.state == "running":
            request_stop(ctx.dataset, run.key)
            ctx.ops.notify("The run stops before its next video.", variant="info")
        else:
            ctx.ops.notify("The run has already ended.", variant="info")

    def on_continue(self, ctx: foo.ExecutionContext) -> None:
        """Opens the form to continue the stopped run."""
        ctx.prompt(
            f"{PLUGIN}/ground_videos", params={"start": CONTINUE}, on_success=self.on_refresh
        )

    def render(self, ctx: foo.ExecutionContext) -> types.Property:
        """Renders the panel from its state and the dataset."""
        panel = types.Object()
        layout = types.GridView(orientation="vertical", columns=1, gap=1, px=2, py=1)
        fields, field, run, seen = self._look(ctx)
        ctx.panel.set_state({"seen": seen, "settled": ctx.panel.state.seen == seen})
        if not fields:
            self._follow(panel)
            panel.md(NOTHING_GROUNDED, name="hint")
            return types.Property(panel, view=layout)
        if len(fields) > 1:
            names = {name: f"frames.{name}" for name in fields}
            choices = panel.h_stack("choices", **in_lines(each="180px"))
            ask_choice(ctx, choices, "field", "Grounding", names, field, self.on_field)
        started = time.monotonic()
        try:
            overview = read_overview(ctx.dataset, field)
        except GroundingError as error:
            self._follow(panel)
            panel.md(escape_markdown(error.in_app), name="hint")
            return types.Property(panel, view=layout)
        self._follow(panel, time.monotonic() - started)
        panel.md(headline(overview), name="headline")
        if overview.uncalibrated:
            panel.md(escape_markdown(" ".join(overview.uncalibrated)), name="uncalibrated")
        self._histogram(ctx, panel, overview)
        buttons = panel.h_stack("buttons", **in_lines())
        buttons.btn("unsure", label="Least confident first", icon="sort", on_click=self.on_unsure)
        buttons.btn("all", label="Show all", icon="grid_view", on_click=self.on_all)
        buttons.btn("views", label="Save views", icon="bookmark_add", on_click=self.on_views)
        if run:
            self._run(ctx, panel, run)
        self._table(ctx, panel, overview)
        return types.Property(panel, view=layout)

    def _follow(self, panel: types.Object, seconds: float = 0) -> None:
        """Looks for changes from time to time; rarely where reading them takes long."""
        interval = max(EVERY, round(1000 * seconds * RESTS))
        panel.view("time", types.TimerView(interval=interval, on_interval=self.on_time))

    def _look(self, ctx: foo.ExecutionContext) -> tuple[list[str], str, LastRun | None, str]:
        """The groundings, the chosen one, the last run, and a digest of what there is to show."""
        fields, run = sorted(grounding_fields(ctx.dataset)), last_run(ctx.dataset)
        field = chosen_in_panel(ctx, fields) if fields else ""
        return fields, field, run, digest(fields, field, latest_change(ctx.dataset), run)

    def _is_settled(self, ctx: foo.ExecutionContext) -> bool:
        """Whether the panel has been rendered twice from what there is."""
        *_, seen = self._look(ctx)
        return bool(ctx.panel.state.settled) and ctx.panel.state.seen == seen

    def _field(self, ctx: foo.ExecutionContext) -> str:
        """The chosen grounding; empty if all were deleted since the panel was rendered."""
        fields = sorted(grounding_fields(ctx.dataset))
        return chosen_in_panel(ctx, fields) if fields else ""

    def _show_between(self, ctx: foo.ExecutionContext, centres: list[float]) -> None:
        low, high = EDGES[int(min(centres) * N_BINS)], EDGES[int(max(centres) * N_BINS) + 1]
        field = self._field(ctx)
        if field:
            ctx.ops.set_view(between(ctx.dataset, field, float(low), float(high)))

    def _histogram(
        self, ctx: foo.ExecutionContext, panel: types.Object, overview: Overview
    ) -> None:
        counts = overview.histogram
        centres = ((EDGES[:-1] + EDGES[1:]) / 2).round(4)
        spans = [f"{a:.2f} - {b:.2f}" for a, b in pairwise(EDGES)]
        bars = {
            "type": "bar",
            "x": centres.tolist(),
            "y": counts.tolist(),
            "text": [f"confidence {span}: {n}" for span, n in zip(spans, counts, strict=True)],
            "hoverinfo": "text",
            "textposition": "none",
            "marker": {"color": BAR},
        }
        panel.plot(
            "confidence",
            data=[bars],
            layout=_layout(),
            config={"displayModeBar": False},
            height="200px",
            componentsProps=SHRINK,
            on_click=self.on_bar,
            on_selected=self.on_range,
        )

    def _table(self, ctx: foo.ExecutionContext, panel: types.Object, overview: Overview) -> None:
        table = types.TableView(componentsProps=SHRINK, actions_label="open")
        for name in ("sentence", "event", "confidence", "state"):
            table.add_column(name, label=name)
        if overview.evaluation:
            table.add_column("score", label=overview.evaluation)
        table.add_row_action("open", self.on_row, tooltip="Open", icon="open_in_new")
        panel.list("events", types.Object(), view=table)
        # row buttons refer to the table as shown, not to what a run has written since
        ctx.panel.state.events_shown = [(row.sample_id, row.first) for row in overview.rows]
        show_data(ctx, "events", [table_row(row) for row in overview.rows])
        if overview.n_events > N_ROWS:
            panel.md(
                f"The {N_ROWS} least confident of {overview.n_events} events.", name="rows_shown"
            )

    def _run(self, ctx: foo.ExecutionContext, panel: types.Object, run: LastRun) -> None:
        panel.md(run_text(run), name="run")
        buttons = panel.h_stack("run_buttons", **in_lines())
        if run.state == "running" and not run.stopping:
            buttons.btn("stop", label="Stop", icon="stop_circle", on_click=self.on_stop)
        if run.state == "stopped" or run.seems_killed:
            buttons.btn("go_on", label="Continue", icon="play_circle", on_click=self.on_continue)
        if not run.problems:
            return
        table = types.TableView(componentsProps=SHRINK)
        for name in ("video", "status", "reason"):
            table.add_column(name, label=name)
        panel.list("problems", types.Object(), view=table)
        rows = [
            {
                "video": Path(problem["filepath"]).name,
                "status": problem["status"],
                "reason": problem["message"],
            }
            for problem in run.problems[:N_PROBLEMS]
        ]
        show_data(ctx, "problems", rows)


def _layout() -> dict[str, Any]:
    return PLOT | {
        "height": 190,
        "margin": {"l": 40, "r": 12, "t": 8, "b": 40},
        "xaxis": {"title": {"text": "confidence"}, "range": [0, 1]},
        "yaxis": {"title": {"text": "videos"}},
        "bargap": 0.05,
        "dragmode": "select",
        "selectdirection": "h",
    }
