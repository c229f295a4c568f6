"""A run as a table: one line per video and sentence, and what was unusual."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from ..evaluation.metrics import TimedBoxes, tiou
from ..results import GroundingSummary


def result_table(summary: GroundingSummary, truths: dict[str, tuple[int, int]] | None) -> Table:
    """The answers of a run.

    Args:
        summary: the run.
        truths: first and last frame of the true event of each sentence, 1-based, if known.
    """
    table = Table(show_edge=False)
    several = len(summary.videos) > 1
    if several:
        table.add_column("video", overflow="fold")
    table.add_column("sentence")
    table.add_column("event", no_wrap=True)
    table.add_column("confidence", no_wrap=True)
    table.add_column("frames with a box", justify="right")
    if truths:
        table.add_column("true frames", no_wrap=True)
        table.add_column("found", no_wrap=True)
    for video in summary.videos:
        name = [Path(video.filepath).name] if several else []
        for answer in video.answers:
            row = [
                *name,
                answer.query,
                f"{answer.start:.1f} - {answer.end:.1f} s" if answer.found else "[yellow]not found",
                f"{answer.confidence:.2f}",
                str(answer.n_boxes),
            ]
            if truths:
                found, truth = (answer.first_frame, answer.last_frame), truths[answer.query]
                row += [f"{truth[0]} - {truth[1]}", _verdict(found, truth)]
            table.add_row(*row)
        if not video.answers:
            table.add_row(*name, f"[yellow]{video.status}")
    return table


def _verdict(found: tuple[int, int], truth: tuple[int, int]) -> str:
    """Whether a found event overlaps the true one by more than half."""
    overlap = tiou(TimedBoxes(*found, {}), TimedBoxes(*truth, {}))
    return "[green]right[/]" if overlap > 0.5 else "[red]wrong[/]"


def remarks(summary: GroundingSummary) -> list[str]:
    """The messages of all videos that have one, each with the name of its video."""
    found = []
    for video in summary.videos:
        name, message = Path(video.filepath).name, video.message
        if message:
            found.append(message if name in message else f"{name}: {message}")
    return found
