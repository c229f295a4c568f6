"""The command `fiftyone-e3m calibrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..request import GroundingError
from .console import console, refuse


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
    import fiftyone as fo

    from ..review.calibrating import calibrate as fit

    if not fo.dataset_exists(dataset):
        available = ", ".join(fo.list_datasets()) or "none"
        refuse(f"There is no dataset '{dataset}'. Datasets: {available}.")
    try:
        report = fit(fo.load_dataset(dataset), field, truth)
    except GroundingError as error:
        refuse(str(error))
    console.print(str(report), highlight=False, markup=False)
