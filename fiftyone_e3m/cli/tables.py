"""The results of a run as a table: one row per video and sentence, and remarks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from ..results import GroundingSummary
from .console import cell

if TYPE_CHECKING:
    from ..dataset.labels import Span
    from ..evaluation.pairs import Pair


def result_table(summary: GroundingSummary) -> Table:
    """The table of the answers of a run."""
    table = Table(show_edge=False)
    several = len(summary.videos) > 1
    if several:
        table.add_column("video", overflow="fold")
    table.add_column("sentence")
    table.add_column("event", no_wrap=True)
    table.add_column("confidence", no_wrap=True)
    table.add_column("frames with a box", justify="right")
    for video in summary.videos:
        name = [cell(Path(video.filepath).name)] if several else []
        for answer in video.answers:
            event = f"{answer.start:.1f} - {answer.end:.1f} s"
            table.add_row(
                *name,
                cell(answer.query),
                event if answer.found else "[yellow]not found",
                f"{answer.confidence:.2f}",
                str(answer.n_boxes),
            )
        if not video.answers:
            table.add_row(*name, f"[yellow]{video.status}")
    return table


def truth_table(summary: GroundingSummary, pairs: Sequence[Pair]) -> Table:
    """The table of the answers of a run beside the truth, video by video.

    Args:
        summary: the run.
        pairs: the evaluation of all its sentences.
    """
    table = Table(show_edge=False)
    table.add_column("sentence", overflow="fold")
    for name in ("frames\nfound", "true\nframes", "tIoU", "vIoU", "confidence", ""):
        table.add_column(name, no_wrap=True)
    confidences = {
        (video.sample_id, answer.query): answer.confidence
        for video in summary.videos
        for answer in video.answers
    }
    shown = ""
    for pair in pairs:
        if pair.sample_id != shown:
            table.add_section()
            table.add_row(cell(pair.video), style="bold")
            shown = pair.sample_id
        confidence = confidences.get((pair.sample_id, pair.query))
        table.add_row(
            cell(pair.query),
            _frames(pair.predicted),
            _frames(pair.true),
            f"{pair.tiou:.2f}",
            "" if pair.viou is None else f"{pair.viou:.2f}",
            "" if confidence is None else f"{confidence:.2f}",
            "[green]right" if pair.right else "[red]wrong",
        )
    return table


def _frames(span: Span | None) -> str:
    return f"{span[0]} - {span[1]}" if span else "[yellow]not found"


def remarks(summary: GroundingSummary) -> list[str]:
    """The messages of all videos, each with the name of its video."""
    messages = []
    for video in summary.videos:
        name, message = Path(video.filepath).name, video.message
        if message:
            messages.append(message if name in message else f"{name}: {message}")
    return messages
