"""The results of a run as a table: one row per video and sentence, and remarks."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from ..evaluation.metrics import TimedBoxes, tiou
from ..results import GroundingSummary


def result_table(summary: GroundingSummary, truths: dict[str, tuple[int, int]] | None) -> Table:
    """The table of the answers of a run.

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
        table.add_column("verdict", no_wrap=True)
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
                predicted, truth = (answer.first_frame, answer.last_frame), truths[answer.query]
                row += [f"{truth[0]} - {truth[1]}", _verdict(predicted, truth)]
            table.add_row(*row)
        if not video.answers:
            table.add_row(*name, f"[yellow]{video.status}")
    return table


def _verdict(predicted: tuple[int, int], truth: tuple[int, int]) -> str:
    """Whether the tIoU of a predicted and a true event is above one half."""
    overlap = tiou(TimedBoxes(*predicted, {}), TimedBoxes(*truth, {}))
    return "[green]right[/]" if overlap > 0.5 else "[red]wrong[/]"


def remarks(summary: GroundingSummary) -> list[str]:
    """The messages of all videos, each with the name of its video."""
    messages = []
    for video in summary.videos:
        name, message = Path(video.filepath).name, video.message
        if message:
            messages.append(message if name in message else f"{name}: {message}")
    return messages
