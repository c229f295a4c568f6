"""Operators that accept, correct and delete groundings."""

from __future__ import annotations

from typing import Any

import fiftyone as fo
import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ..dataset.schema import Fields
from ..request import GroundingError
from ..review.accepting import accept_tubes, check_acceptance
from ..review.correcting import correct_event, restore_event
from ..review.deleting import delete_grounding, preview_deletion
from ..review.events import frame_count, new_support
from ..review.grounded import readable_grounding
from ..review.originals import original_support
from ..texts import escape_markdown
from .given import given_flag, given_text
from .inputs import ask_grounding, chosen_grounding
from .sentence import ask_sentence, chosen_event
from .shell import Outcome, Shell
from .targets import ask_video, ask_videos, chosen_videos, one_video

INTO = "accepted"
"""The default ground-truth field of the form."""
NO_VIDEO = "No video is chosen. Select videos in the grid, open one, or choose all of them above."


class AcceptTubes(Shell):
    """Copies the tubes of the chosen videos to a ground-truth field."""

    label = "Accept tubes as ground truth"
    description = (
        "Copies the tubes and events of videos that you have reviewed to a ground-truth field, "
        "without confidence: you vouch for them."
    )
    icon = "task_alt"
    place = types.Places.SAMPLES_VIEWER_ACTIONS
    button = "Accept tubes"
    risk = "high"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the grounding, the videos, the ground-truth field and the sentences."""
        field = ask_grounding(ctx, inputs)
        samples = ask_videos(ctx, inputs)
        inputs.str(
            "into",
            label="Ground-truth field",
            description="A frame field, created if needed.",
            default=INTO,
            required=True,
        )
        inputs.bool(
            "overwrite",
            label="Replace sentences that it already has",
            description="Otherwise their tubes are left as they are.",
            default=False,
        )
        if samples is None:
            return NO_VIDEO
        readable_grounding(ctx.dataset, field)
        _ask_sentences(samples, field, inputs)
        queries = ctx.params.get("queries") or None
        check_acceptance(samples, field, given_text(ctx.params, "into", INTO), queries)
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Accepts the tubes; shows those that were not accepted, with the reasons."""
        samples = chosen_videos(ctx)
        if samples is None:
            raise GroundingError(NO_VIDEO)
        queries = ctx.params.get("queries") or None
        into = given_text(ctx.params, "into", INTO)
        overwrite = given_flag(ctx.params, "overwrite")
        report = accept_tubes(samples, chosen_grounding(ctx), into, queries, overwrite)
        rows = [
            {"video": tube.filepath, "sentence": tube.query or "", "not accepted": tube.reason}
            for tube in report.left
        ]
        return Outcome(
            report.headline, rows=rows, variant="success" if report.accepted else "warning"
        )


class CorrectEvent(Shell):
    """Sets the first and last frame of an event of one video."""

    label = "Correct an event's first and last frame"
    description = "The tube is adapted to the event. The original is kept and can be restored."
    icon = "edit_calendar"
    place = types.Places.SAMPLES_VIEWER_ACTIONS
    button = "Correct event"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the grounding, the sentence, and its first and last frame."""
        field = ask_grounding(ctx, inputs)
        sample = ask_video(ctx, inputs)
        readable_grounding(ctx.dataset, field)
        event = ask_sentence(ctx, inputs, sample, field)
        original = original_support(event)
        restore = given_flag(ctx.params, "restore")
        if (
            original or restore
        ):  # the tick stays when another sentence is chosen, and must be visible
            what = f"Frames {original[0]} to {original[1]}, and its tube." if original else None
            label = "Restore the original event and tube"
            inputs.bool("restore", label=label, description=what, default=False)
        if restore:
            return (
                None
                if original
                else f"'{event.label}' was not corrected. Untick the box to restore it."
            )
        _ask_support(ctx.params, inputs, sample, event, field)
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Corrects or restores the event; the toast is yellow if boxes need a check."""
        sample, params = one_video(ctx), ctx.params
        field = chosen_grounding(ctx)
        query = chosen_event(ctx, sample, field).label
        if given_flag(params, "restore"):
            return Outcome(restore_event(sample, query, field).headline)
        done = correct_event(sample, query, params.get("first"), params.get("last"), field)
        warns = done.repeated or done.remarks
        return Outcome(done.headline, variant="warning" if warns else "success")


class DeleteGrounding(Shell):
    """Deletes a grounding from the dataset, or from some of its videos."""

    label = "Delete a grounding"
    description = "Deletes the fields of a grounding. This cannot be undone."
    icon = "delete_sweep"
    risk = "dangerous"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Asks for the grounding, lists what will be deleted, and asks for confirmation."""
        field = ask_grounding(ctx, inputs)
        plan = preview_deletion(ctx.target_view(), field)
        warning = types.Warning(label="This deletes", description=escape_markdown(plan.what))
        inputs.view("warning", warning)
        confirm = inputs.bool(
            "confirm",
            label="Yes, delete it",
            description="What is deleted cannot be brought back.",
            default=False,
            required=True,
        )
        if not given_flag(ctx.params, "confirm"):
            confirm.invalid, confirm.error_message = True, "Tick this to delete the grounding."
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Deletes the grounding."""
        return Outcome(str(delete_grounding(ctx.target_view(), chosen_grounding(ctx))))


def _ask_sentences(samples: SampleCollection, field: str, inputs: types.Object) -> None:
    """Asks which sentences to accept, if there are several."""
    sentences = samples.distinct(f"{Fields(field).events}.detections.label")
    if len(sentences) < 2:
        return
    view = types.DropdownView(multiple=True)
    for sentence in sentences:
        view.add_choice(sentence, label=sentence)
    inputs.list(
        "queries",
        types.String(),
        label="Sentences",
        description="Choose some, or leave the field empty for all.",
        view=view,
    )


def _ask_support(
    params: dict[str, Any],
    inputs: types.Object,
    sample: fo.Sample,
    event: fo.TemporalDetection,
    field: str,
) -> None:
    """Asks for the first and last frame.

    The defaults are the frames of the event, not the parameters: the App keeps the parameters that
    the form was opened with, and shows a changed default until the user types.

    Raises:
        GroundingError: the frames are not a valid event.
    """
    count = frame_count(sample, field)
    for name, number in zip(("first", "last"), event.support, strict=True):
        inputs.int(
            name,
            min=1,
            max=count,
            label=f"{name.capitalize()} frame",
            description=f"1 to {count}; currently {number}.",
            default=number,
        )
    given = params.get("first"), params.get("last")
    if given != (None, None):
        new_support(sample, event, *given, field)
