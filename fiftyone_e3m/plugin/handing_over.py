"""The operator that prepares tubes for annotation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from ..handover import HandoverReport, TubeReport, prepare_for_annotation
from ..handover.checks import check_handover
from ..handover.formats import WITH_PICTURES
from ..paths import OUTPUT_DIRS, check_output, given_path
from .given import given_flag, given_text
from .inputs import ask_choice, ask_grounding, ask_share, chosen_grounding
from .shell import Outcome, Shell

ROWS = 50
"""Maximum number of tubes in the result."""

MARKS_ONLY = "marks"

OUTPUTS = {
    MARKS_ONLY: "None: only mark the keyframes",
    "cvat": "CVAT for video: keyframes, one file per video",
    "coco": "COCO: every box, one file",
    "mot": "MOTChallenge: every box, one folder per video",
}


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
        ask_grounding(ctx, inputs)
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
        check_handover(samples, **_arguments(ctx))
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Prepares the tubes and shows those that need the most keyframes."""
        report = prepare_for_annotation(ctx.target_view(), **_arguments(ctx))
        most = sorted(report.tubes, key=lambda tube: -tube.share)[:ROWS]
        rows = [_row(tube) for tube in most]
        return Outcome(_text(report), rows, variant="warning" if report.problems else "success")


def _arguments(ctx: foo.ExecutionContext) -> dict[str, Any]:
    """The arguments of `prepare_for_annotation`, from the parameters of the form."""
    params = ctx.params
    tolerance, format_ = params.get("tolerance"), given_text(params, "format", MARKS_ONLY)
    arguments = {
        "field": chosen_grounding(ctx),
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
