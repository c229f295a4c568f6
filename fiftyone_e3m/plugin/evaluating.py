"""The operator that scores a grounding against ground truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ..dataset.labels import Span
from ..evaluation.evaluate import check_evaluation, evaluate
from ..evaluation.figure import evaluation_figure
from ..evaluation.pairs import Pair
from ..evaluation.records import load_evaluation
from ..evaluation.results import EvaluationResults
from ..evaluation.tubes import TubeFields, are_candidates, truth_fields
from ..request import GroundingError
from .given import given_text
from .inputs import ask_choice, ask_grounding, chosen_grounding
from .panels.shared import PLOT
from .shell import Outcome, Shell

ROWS = 50
"""Maximum number of pairs in the result."""

KEY = "eval"
"""The default evaluation key of the form."""

ENDS = {
    "inclusive": "The last frame counts (HC-STVG)",
    "half_open": "The last frame does not count (TubeDETR)",
}


class EvaluateGrounding(Shell):
    """Scores the tubes of a grounding against the true tubes of the same sentences."""

    label = "Evaluate grounding against ground truth"
    description = (
        "Compares each predicted tube with the true tube of the same sentence. tIoU (0 to 1) "
        "scores the time; vIoU scores time and boxes."
    )
    icon = "fact_check"
    delegable = True

    def ask(self, ctx: foo.ExecutionContext, inputs: types.Object) -> str | None:
        """Adds the fields of the form."""
        samples = ctx.target_view()
        ask_grounding(ctx, inputs)
        truths = _truths(samples)
        if not ctx.params.get("gt_field") and are_candidates(samples, truths):
            raise GroundingError(
                f"There is no ground truth yet: the grounding chose its boxes from "
                f"{', '.join(map(str, truths.values()))}. Accept some tubes first."
            )
        arguments = _arguments(ctx, truths)
        fields = _with({name: str(where) for name, where in truths.items()}, arguments["gt_field"])
        ask_choice(inputs, "gt_field", "Ground truth", fields, next(iter(truths)))
        inputs.str(
            "eval_key",
            label="Evaluation key",
            description="The scores of each video are written to <key>_viou and <key>_tiou, for "
            "sorting and filtering, and the run is listed in the Model Evaluation panel. Reusing "
            "a key replaces its scores.",
            default=KEY,
        )
        ends = _with(ENDS, arguments["ends"])
        about = "Whether the last frame of an event counts; changes scores by about one percent."
        ask_choice(inputs, "ends", "Ends of events", ends, "inclusive", about)
        check_evaluation(samples, **arguments)
        return None

    def work(self, ctx: foo.ExecutionContext) -> Outcome:
        """Evaluates and shows the worst pairs."""
        samples = ctx.target_view()
        results = evaluate(samples, **_arguments(ctx, _truths(samples)))
        return Outcome(_text(results), [_row(pair) for pair in results.worst_first[:ROWS]])

    def resolve_output(self, ctx: foo.ExecutionContext) -> types.Property | None:
        """The dialog with the plot of all pairs, and the table of the worst."""
        shown = super().resolve_output(ctx)
        if shown is None:
            return None
        results = load_evaluation(ctx.dataset, ctx.params.get("eval_key") or KEY)
        traces, layout = evaluation_figure(results.pairs)
        outputs = shown.type
        outputs.plot("plot", data=traces, layout=PLOT | layout, config={"displayModeBar": False})
        text, plot = (outputs.properties.pop(name) for name in ("text_shown", "plot"))
        outputs.properties = {"text_shown": text, "plot": plot, **outputs.properties}
        return shown


def _truths(samples: SampleCollection) -> dict[str, TubeFields]:
    """The fields that may hold ground truth.

    Raises:
        GroundingError: there are none.
    """
    truths = truth_fields(samples)
    if not truths:
        raise GroundingError(
            f"'{samples._root_dataset.name}' has no ground truth. Add frame-level Detections or "
            "TemporalDetections with the sentences as labels."
        )
    return truths


def _arguments(ctx: foo.ExecutionContext, truths: Mapping[str, TubeFields]) -> dict[str, Any]:
    """The arguments of `evaluate`, from the parameters of the form."""
    params = ctx.params
    return {
        "pred_field": chosen_grounding(ctx),
        "gt_field": given_text(params, "gt_field", next(iter(truths))),
        "eval_key": given_text(params, "eval_key", KEY),
        "ends": given_text(params, "ends", "inclusive"),
    }


def _with(choices: Mapping[str, str], given: str) -> dict[str, str]:
    """Adds a value passed from Python to the choices, so that our own check rejects it."""
    return {**choices, given: choices.get(given, given)}


def _text(results: EvaluationResults) -> str:
    sentences = [results.headline, results.breakdown, *results.notes]
    if results.unmatched:
        n = len(results.unmatched)
        sentences.append(f"Predictions without ground truth, not counted: {n}.")
    if results.remarks:
        sentences.append(f"Problems in the labels: {'; '.join(results.remarks[:3])}.")
    shown = min(ROWS, len(results.pairs))
    sentences.append(
        "Worst first."
        if shown == len(results.pairs)
        else f"The {shown} worst of {len(results.pairs)} pairs are shown."
    )
    return " ".join(sentences)


def _row(pair: Pair) -> dict[str, str]:
    return {
        "video": pair.video,
        "sentence": pair.query,
        "found_frames": _found(pair),
        "true_frames": _frames(pair.true),
        "tIoU": f"{pair.tiou:.2f}",
        "vIoU": "-" if pair.viou is None else f"{pair.viou:.2f}",
    }


def _found(pair: Pair) -> str:
    if pair.predicted is None:
        return pair.absence
    return _frames(pair.predicted) + (" (corrected)" if pair.corrected else "")


def _frames(span: Span) -> str:
    return f"{span[0]} - {span[1]}"
