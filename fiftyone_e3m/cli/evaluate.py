"""The command `fiftyone-e3m evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..evaluation.metrics import Ends
from ..request import GroundingError
from .console import open_dataset, refuse, say
from .options import PATH


def evaluate(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset.", show_default=False)],
    pred_field: Annotated[str, typer.Option(help="Field of the predicted tubes.")] = "e3m",
    gt_field: Annotated[
        str, typer.Option(help="Field of the ground truth: boxes, events, or both.")
    ] = "gt",
    eval_key: Annotated[
        str | None, typer.Option(help="Store the scores in the dataset under this key.")
    ] = None,
    ends: Annotated[
        Ends, typer.Option(help="Whether the last frame of an event counts.")
    ] = "inclusive",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all pairs and scores to this file.", **PATH)
    ] = None,
) -> None:
    """Scores tubes against ground truth: vIoU, tIoU, and missing predictions.

    Exit code: 0, or 2 if the request was refused.
    """
    from ..evaluation.evaluate import evaluate as score

    samples = open_dataset(dataset)
    if json_file and not json_file.parent.is_dir():
        refuse(f"There is no folder '{json_file.parent}' to write {json_file.name} into.")
    try:
        results = score(samples, pred_field, gt_field, eval_key, ends)
    except GroundingError as error:
        refuse(str(error))
    say(str(results))
    if json_file:
        try:
            json_file.write_text(results.to_json())
        except OSError as error:
            refuse(f"'{json_file}' cannot be written: {error.strerror}.")
