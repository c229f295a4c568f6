"""Shared by the commands that ground: the run, its report, its pictures, the App."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.table import Table

from ..candidates import DetectorError
from ..encoders import EncoderError
from ..request import GroundingError, Request
from ..results import GroundingSummary
from ..video import Video
from .console import console, refuse, run_with_progress
from .tables import remarks

if TYPE_CHECKING:
    from ..review.drawing import Truth

NO_TRUTH: Mapping[tuple[str, str], Truth] = MappingProxyType({})


def run(samples: Any, request: Request) -> GroundingSummary:
    """Grounds with a progress bar.

    Raises:
        typer.Exit: the request was refused; the reason was printed.
    """
    from ..grounding import Job

    try:
        return run_with_progress(lambda: Job(samples, request)).summary
    except (GroundingError, EncoderError, DetectorError) as error:
        refuse(str(error))


def show(summary: GroundingSummary, table: Table) -> None:
    """Prints the answers of a run, its outcome, and what is unusual about it."""
    console.print(table)
    console.print(summary.headline, highlight=False)
    for remark in [*summary.notices, *remarks(summary)]:
        console.print(remark, style="yellow", highlight=False)


def draw(
    samples: Any,
    summary: GroundingSummary,
    folder: Path,
    truths: Mapping[tuple[str, str], Truth] = NO_TRUTH,
) -> None:
    """Draws one picture per video and sentence, and prints where it is.

    Args:
        samples: the videos of the run.
        summary: the run.
        folder: created if it does not exist.
        truths: what people see, by path of the video and sentence.
    """
    from ..review.drawing import draw_answer
    from ..review.timelines import read_timelines

    folder.mkdir(parents=True, exist_ok=True)
    for report in summary.videos:
        timelines = read_timelines(samples._dataset, report.sample_id, summary.field)
        for number, timeline in enumerate(timelines, 1):
            path = folder / f"{Path(report.filepath).stem}_{number}.png"
            truth = truths.get((report.filepath, timeline.query))
            draw_answer(timeline, Video.open(report.filepath), truth).savefig(path, dpi=100)
            console.print(f"picture of '{timeline.query}': {path}", highlight=False)


def launch_app(dataset: Any) -> None:
    """Opens the FiftyOne App and waits until it is closed."""
    import fiftyone as fo

    fo.launch_app(dataset).wait(-1)
