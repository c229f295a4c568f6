"""The operator that prepares tubes for annotation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ..dataset.accepted import accepted_fields
from ..dataset.runs import grounding_fields
from ..handover import HandoverReport, TubeReport, prepare_for_annotation
from ..handover.checks import check_handover, check_selection
from ..handover.formats import WITH_PICTURES
from ..paths import OUTPUT_DIRS, check_output, given_path
from ..request import GroundingError
from ..review.grounded import known_grounding
from .given import given_flag, given_text
from .inputs import ask_choice, ask_share
from .shell import Outcome, Shell

ROWS = 50
"""Maximum number of tubes in the result."""

MARKS_ONLY = "marks"

OUTPUTS = {
    MARKS_ONLY: "None: only mark the keyframes",
    "cvat": "CVAT for video: keyframes, one file per video",
    "label_studio": "Label Studio, video: keyframes, one file",
    "coco": "COCO: every box, one file",
    "mot": "MOTChallenge: every box, one folder per video",
}

ALL, ACCEPTED, SURE = "all", "accepted", "sure"
WHICH = {
    ALL: "All but the rejected",
    ACCEPTED: "Only the accepted",
    SURE: "What was accepted or corrected, and what is confident enough",
}
CONFIDENT = 0.5
"""Default of the lowest confidence."""


class PrepareForAnnotation(Shell):
    """Reduces tubes to keyframes for annotators, and writes files for annotation tools."""

    label = "Prepare tubes for annotation"
    description = (
        "Marks the fewest keyframes from which an annotation tool can interpolate each tube. The "
        "boxes are not changed."
    )
    icon = "edit_note"
    delegable = True
    risk = "high"

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Adds the fields of the form."""
        samples = ctx.target_view()
        fields = _fields(ctx)
        ask_choice(inputs, "field", "Tubes", {n: f"frames.{n}" for n in fields}, fields[0])
        if _field(ctx) in grounding_fields(ctx.dataset):
            ask_choice(inputs, "which", "Which of them", WHICH, ALL)
            if ctx.params.get("which") == SURE:
                about = "What nobody judged is handed over from this confidence (0 to 1) on."
                ask_share(inputs, "confidence", "Lowest confidence", about, CONFIDENT)
        ask_share(
            inputs,
            "tolerance",
            "Tolerance",
            "Lowest IoU of an interpolated box with the tube's own box. Higher values keep more "
            "keyframes.",
            0.9,
        )
        ask_choice(inputs, "format", "Files to write", OUTPUTS, MARKS_ONLY)
        format_ = given_text(ctx.params, "format", MARKS_ONLY)
        if format_ != MARKS_ONLY:
            inputs.str(
                "out",
                label="Folder",
                description="An existing folder on the machine that runs FiftyOne: below the "
                f"folder of the media, below your home, or as {OUTPUT_DIRS} says there.",
                required=True,
            )
            if format_ in WITH_PICTURES:
                inputs.bool(
                    "pictures",
                    label="Write the frames as pictures",
                    description="COCO: the frames with a box; MOTChallenge: all.",
                    default=False,
                )
        inputs.bool(
            "overwrite",
            label="Replace what is there",
            description="Keyframes that no grounding marked, and files of the same names.",
            default=False,
        )
        if format_ != MARKS_ONLY and not given_text(ctx.params, "out"):  # not an error yet
            return None
        arguments = _arguments(ctx)
        check_handover(samples, **arguments)
        check_selection(samples, arguments["field"], **_selection(ctx))
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Prepares the tubes and shows those that need the most keyframes."""
        arguments = {**_arguments(ctx), **_selection(ctx)}
        report = prepare_for_annotation(ctx.target_view(), **arguments)
        most = sorted(report.tubes, key=lambda tube: -tube.share)[:ROWS]
        rows = [_row(tube) for tube in most]
        return Outcome(_text(report), rows, variant="warning" if report.problems else "success")


def _fields(ctx: foo.ExecutionContext) -> list[str]:
    """The fields of tubes to choose from: groundings, then accepted tubes.

    Raises:
        GroundingError: there are none.
    """
    groundings = grounding_fields(ctx.dataset)
    accepted = accepted_fields(ctx.dataset) - groundings
    if not groundings | accepted:
        raise GroundingError(
            f"Nothing in '{ctx.dataset.name}' has been grounded yet. Run 'Ground videos' first."
        )
    return [*sorted(groundings), *sorted(accepted)]


def _field(ctx: foo.ExecutionContext) -> str:
    """The chosen field of tubes.

    Raises:
        GroundingError: there is no such grounding, and nothing was accepted into it.
    """
    fields = _fields(ctx)
    field = given_text(ctx.params, "field", fields[0])
    return field if field in fields else known_grounding(ctx.dataset, field).tube


def _selection(ctx: foo.ExecutionContext) -> dict[str, Any]:
    """The arguments that select tubes; none for a field that no grounding wrote."""
    if _field(ctx) not in grounding_fields(ctx.dataset):
        return {"only_accepted": False, "confidence": None}
    which, confidence = given_text(ctx.params, "which", ALL), ctx.params.get("confidence")
    if which not in WHICH:
        raise GroundingError(f"'{which}' selects no tubes. Use {', '.join(WHICH)}.")
    lowest = CONFIDENT if confidence is None else confidence
    return {"only_accepted": which == ACCEPTED, "confidence": lowest if which == SURE else None}


def _arguments(ctx: foo.ExecutionContext) -> dict[str, Any]:
    """The arguments of `prepare_for_annotation`, from the parameters of the form."""
    params = ctx.params
    tolerance, format_ = params.get("tolerance"), given_text(params, "format", MARKS_ONLY)
    arguments = {
        "field": _field(ctx),
        "tolerance": 0.9 if tolerance is None else tolerance,
        "format": None if format_ == MARKS_ONLY else format_,
        "out": None,
        "overwrite": given_flag(params, "overwrite"),
        "pictures": format_ in WITH_PICTURES and given_flag(params, "pictures"),
    }
    out = given_text(params, "out")
    if out and format_ != MARKS_ONLY:
        media = ctx.dataset.values("filepath")
        arguments["out"] = check_output(given_path("out", out), media)
    return arguments


def _text(report: HandoverReport) -> str:
    sentences = [report.headline, *report.problems[:5]]
    if report.problems[5:]:
        sentences.append(f"And {len(report.problems) - 5} more problems.")
    if report.tubes[ROWS:]:
        sentences.append(f"The {ROWS} tubes with the largest share of keyframes:")
    return "\n\n".join(sentences)


def _row(tube: TubeReport) -> dict[str, str]:
    return {
        "video": Path(tube.filepath).name,
        "sentence": tube.sentence,
        "boxes": f"{tube.n_frames:,}",
        "keyframes": f"{tube.n_keyframes:,}",
        "share": f"{tube.share:.1%}",
        "smallest_IoU": f"{tube.smallest_iou:.3f}",
    }
