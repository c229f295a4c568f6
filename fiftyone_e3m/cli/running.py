"""Shared by the commands that ground: the run, its report, its pictures, the App."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.table import Table

from ..candidates import DetectorError
from ..encoders import EncoderError
from ..paths import file_names, write_inside
from ..request import GroundingError, Request
from ..results import GroundingSummary
from ..video import Video
from .console import console, refuse, run_with_progress, say
from .tables import remarks

if TYPE_CHECKING:
    from ..review.drawing import Truth

SCHEDULING = "FIFTYONE_ALLOW_LEGACY_ORCHESTRATORS"
"""Environment variable of the App's server: without it, FiftyOne greys out *Schedule*."""
NO_TRUTH: Mapping[tuple[str, str], Truth] = MappingProxyType({})


def run(samples: Any, request: Request) -> GroundingSummary:
    """Grounds with a progress bar.

    Raises:
        typer.Exit: the request was refused; the reason was printed.
    """
    from ..engines import ended_by_signal
    from ..grounding import Job

    try:
        with ended_by_signal():
            return run_with_progress(lambda: Job(samples, request)).summary
    except (GroundingError, EncoderError, DetectorError) as error:
        refuse(str(error))


def show(summary: GroundingSummary, table: Table) -> None:
    """Prints the answers of a run, its outcome, and what is unusual about it."""
    console.print(table)
    say(summary.headline)
    for remark in [*summary.notices, *remarks(summary)]:
        say(remark, style="yellow")


def output_folder(folder: Path) -> None:
    """Makes a folder for output, before any work.

    Raises:
        typer.Exit: it cannot be made or written to; the reason was printed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"The folder '{folder}' cannot be made: {error.strerror}.")
    if not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"The folder '{folder}' is not writable. Choose another.")


def draw(
    samples: Any,
    summary: GroundingSummary,
    folder: Path,
    truths: Mapping[tuple[str, str], Truth] = NO_TRUTH,
    overwrite: bool = True,
) -> None:
    """Draws one picture per video and sentence, and prints where it is, or why there is none.

    Args:
        samples: the videos of the run.
        summary: the run.
        folder: an existing folder.
        truths: what people see, by path of the video and sentence.
        overwrite: replace files of the same names.

    Raises:
        typer.Exit: a picture cannot be written; the reason was printed.
    """
    from ..review.drawing import draw_answer, figure_png
    from ..review.timelines import read_timelines

    names = file_names(report.filepath for report in summary.videos)
    for name, report in zip(names, summary.videos, strict=True):
        timelines = read_timelines(samples._dataset, report.sample_id, summary.field)
        for number, timeline in enumerate(timelines, 1):
            path = folder / f"{name}_{number}.png"
            if os.path.lexists(path) and not overwrite:
                say(f"{path} is already there. Use another folder, or --overwrite.", style="yellow")
                continue
            truth = truths.get((report.filepath, timeline.query))
            picture = draw_answer(timeline, Video.open(report.filepath), truth)
            try:
                write_inside(folder, path.name, figure_png(picture, 100))
            except OSError as error:
                refuse(f"The results are in the dataset, but {path} could not be written: {error}.")
            say(f"picture of '{timeline.query}': {path}")


def launch_app(dataset: Any) -> None:
    """Opens the FiftyOne App and waits until it is closed."""
    import fiftyone as fo

    os.environ.setdefault(SCHEDULING, "true")
    fo.launch_app(dataset).wait(-1)
