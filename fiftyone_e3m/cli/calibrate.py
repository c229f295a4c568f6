"""The command `fiftyone-e3m calibrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..request import GroundingError
from .console import open_dataset, refuse, say


def calibrate(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset.", show_default=False)],
    field: Annotated[str, typer.Option(help="Field of the reviewed tubes.")] = "e3m",
    truth: Annotated[
        str, typer.Option(help="Field that right tubes were accepted into, or ground truth.")
    ] = "accepted",
) -> None:
    """Fits an encoder's confidence to accepted and corrected events, for later runs.

    Exit code: 0, or 2 if the request was refused.
    """
    from ..review.calibrating import calibrate as fit

    samples = open_dataset(dataset)
    try:
        report = fit(samples, field, truth)
    except GroundingError as error:
        refuse(str(error))
    say(str(report))
