"""The table of a benchmark in the layout of the papers, with notes on how to read it."""

from __future__ import annotations

from itertools import groupby

from rich.table import Table

from ..config import E3MConfig
from ..evaluation.metrics import Scores
from .published import TABLES, Benchmark, Row
from .shards import ShardResult

METRICS = ("m_tIoU", "m_vIoU", "vIoU@0.3", "vIoU@0.5")
OURS = "fiftyone_e3m, this run"


def tables(result: ShardResult) -> list[Table]:
    """One table per kind of sentence: the published rows, then ours, in percent."""
    return [
        _table(benchmark, result.means(kind))
        for kind, benchmark in TABLES[result.benchmark].items()
    ]


def remarks(result: ShardResult) -> list[str]:
    """Notes on the settings of our row, and on differences from the published protocol."""
    settings = result.settings
    config = settings["config"]
    boxes = settings["detector"] or f"frames.{settings['boxes_field']}"
    lines = [
        f"Ours: boxes {boxes}, encoder {settings['encoder']}, {config['sample_fps']:g} frames per "
        f"second and at most {config['max_frames']} per video, ends {settings['ends']}, boxes "
        "compared on every frame."
    ]
    changed = _changed(config)
    if changed:
        lines.append(f"Changed from the defaults: {', '.join(changed)}.")
    lines.append(
        "Published: E3M's detector, encoder and frame rate are unknown, and its row is quoted "
        "from arXiv 2509.15178, whose evaluator counts inclusive ends for vIoU and half-open ones "
        "for tIoU. Rows under 'full' come from TubeDETR's evaluator, which compares boxes on 5 "
        "sampled frames per second, or from STCAT's, which does not count the last true frame of "
        "HC-STVG."
    )
    return lines + _coverage(result)


def _table(benchmark: Benchmark, ours: Scores | None) -> Table:
    n = ours.n if ours else 0
    table = Table(title=f"{benchmark.title}, {benchmark.split} (percent)", title_justify="left")
    table.add_column("supervision")
    table.add_column("method", overflow="fold")
    for metric in METRICS:
        table.add_column(metric, justify="right", no_wrap=True)
    table.add_column("source", overflow="fold")
    for _, rows in groupby(benchmark.rows, key=lambda row: row.supervision):
        for row in rows:
            table.add_row(*_cells(row))
        table.add_section()
    numbers = ["-"] * 4
    if ours:
        values = (ours.m_tiou, ours.m_viou, *ours.viou_at)
        numbers = [f"{100 * value:.1f}" for value in values]
    table.add_row("zero-shot", OURS, *numbers, f"n = {n}", style="bold")
    return table


def _cells(row: Row) -> list[str]:
    numbers = (row.m_tiou, row.m_viou, row.viou_03, row.viou_05)
    texts = ["-" if number is None else f"{number:.1f}" for number in numbers]
    return [row.supervision, row.method, *texts, row.source]


def _changed(config: dict[str, object]) -> list[str]:
    default = E3MConfig().model_dump(mode="json")
    return [f"{name}={value}" for name, value in config.items() if value != default.get(name)]


def _coverage(result: ShardResult) -> list[str]:
    """Notes on the sentences covered by the means, where they differ from the published rows."""
    lines = []
    benchmark = next(iter(TABLES[result.benchmark].values()))
    n = len(result.scores)
    if benchmark.n_sentences not in (None, n):
        lines.append(
            f"Sentences in our row: {n}; in the published rows: {benchmark.n_sentences} "
            f"({benchmark.split} split)."
        )
    if result.settings["limit"] is not None:
        lines.append(f"Sample limit: {result.settings['limit']}.")
    if result.report.left_out:
        lines.append(f"Sentences left out of the import, not counted: {result.report.left_out}.")
    n_black = result.report.counts.get("black_video", 0)
    if n_black:
        lines.append(
            f"Sentences about videos that decode black, which are counted as any others: {n_black}."
        )
    if result.missing:
        reasons = ", ".join(f"{n} {status}" for status, n in result.statuses.items())
        lines.append(
            f"Sentences without a prediction, counted as 0: {len(result.missing)} ({reasons})."
        )
    return lines
