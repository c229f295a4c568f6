"""Draws the pictures of docs/performance.md from docs/data, and writes its summary table.

The files are what the benchmarks printed: `speed.txt`, `further.txt` and `scaling.txt` by
`make bench-speed`, `scale.txt` by `make bench-scale`, `many.txt` by `make bench-many`.

Usage: python -m docs.timings
"""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from .pictures import HERE, Picture, block, read, write
from .tables import number, tables

PAGE = HERE / "performance.md"
WAYS = {"ours": "ours, default", "naive": "naive", "floor": "floor", "every picture": "ours, every"}
"""What the rows of `speed.txt` that the page compares begin with."""
STAGES = {
    "decode": "#000000",
    "cuts": "#D55E00",
    "detect": "#E69F00",
    "crop": "#CC79A7",
    "encode images": "#56B4E9",
    "encode texts": "#0072B2",
    "everything else": "#009E73",
}
"""Okabe and Ito's colours, which colour-blind people can tell apart."""
OWN = {
    "decode": "#000000",
    "cuts": "#D55E00",
    "crop": "#CC79A7",
    "Kalman": "#0072B2",
    "EM": "#E69F00",
    "rest": "#009E73",
}
"""The parts of the package's own cost in `scaling.txt`."""


def summary(speed: str, further: str) -> str:
    """The table of the page: seconds of the ways, our share of each, and another sentence."""
    (asked,) = tables(further)
    videos = [table for table in tables(speed) if table.columns[0] == "way"]
    ways = {way: [video.row(start) for video in videos] for way, start in WAYS.items()}
    again = [asked.row(video.heading) for video in videos]
    rows = {f"{way}, s": [f"{row['seconds']:.2f}" for row in ways[way]] for way in WAYS}
    rows |= {
        f"ours / {way}": [f"{row['ours / this']:.2f}" for row in ways[way]]
        for way in WAYS
        if way != "ours"
    }
    rows["another sentence, s"] = [f"{row['further']:.2f}" for row in again]
    rows["times as fast as the first"] = [f"{row['first / further']:.0f}" for row in again]
    lines = [f"| | {' | '.join(video.heading for video in videos)} |"]
    lines.append("| --- |" + " ---: |" * len(videos))
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return block(lines)


def bars(speed: str) -> dict[str, dict[str, dict[str, float]]]:
    """Seconds by stage of ours, naive and floor, by video."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for table in tables(speed):
        ways = found.setdefault(table.heading, {"ours": {}, "naive": {}, "floor": {}})
        if table.columns[0] == "way":
            ways["floor"] = {"encode images": table.row(WAYS["floor"])["seconds"]}
        else:
            way = "naive" if table.title.startswith("Naive") else "ours"
            names = [row[0] for row in table.rows]
            ways[way] = grouped(dict(zip(names, table.column("seconds"), strict=True)))
    return found


def grouped(seconds: Mapping[str, float]) -> dict[str, float]:
    """Seconds by stage, where those without a colour count as everything else."""
    found: dict[str, float] = {}
    for stage, value in seconds.items():
        shown = stage if stage in STAGES else "everything else"
        found[shown] = found.get(shown, 0.0) + value
    return found


def stages(speed: str) -> Figure:
    """A bar for each video and way, by stage."""
    drawn, axes = plt.subplots(figsize=(9, 4.6), layout="constrained")
    labels = {}
    for i, (name, ways) in enumerate(bars(speed).items()):
        for j, (way, seconds) in enumerate(ways.items()):
            place, left = i * (len(ways) + 0.8) + j, 0.0
            for stage, width in seconds.items():
                axes.barh(place, width, left=left, color=STAGES[stage], height=0.75)
                left += width
            axes.text(left, place, f" {left:.1f} s", va="center", fontsize=9)
            labels[place] = f"{name}: {way}"
    axes.set_yticks(list(labels), list(labels.values()), fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("seconds")
    axes.margins(x=0.1)
    _legend(drawn, STAGES)
    return drawn


def scaling(text: str) -> Figure:
    """The package's own cost by length and boxes, and seconds by number of sentences."""
    length, boxes, sentences = tables(text)
    drawn, all_axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
    for axes, table in zip(all_axes, (length, boxes), strict=False):
        base = [0.0] * len(table.rows)
        for part, colour in OWN.items():
            values = table.column(part)
            axes.bar([row[0] for row in table.rows], values, 0.6, base, color=colour)
            base = [low + value for low, value in zip(base, values, strict=True)]
        axes.set_xlabel(table.columns[0])
        axes.set_ylim(0, 9)
    all_axes[0].set_ylabel("ms per sampled frame")
    names = {"E3M, s": "E3M", "ViT-B/32 reads them, s": "ViT-B/32 reads them"}
    lines = {name: sentences.column(column) for column, name in names.items()}
    _lines(all_axes[2], sentences.column("queries"), lines)
    all_axes[2].legend(fontsize=8)
    all_axes[2].set_xlabel("sentences")
    all_axes[2].set_ylabel("seconds")
    _legend(drawn, OWN)
    return drawn


def million(scale: str, many: str) -> Figure:
    """Hours of a worker, and seconds of the App's questions, by number of videos."""
    (model,), (asked,) = tables(scale), tables(many)
    drawn, (left, right) = plt.subplots(
        1, 2, figsize=(9, 4), layout="constrained", width_ratios=(2, 3)
    )
    n, hours = model.column("videos"), model.column("one worker, h")
    _lines(left, n, {"": hours})
    for at, value, workers in zip(n, hours, model.column("workers for a day"), strict=True):
        words = f"{value:,.0f} h" + (
            f", or {workers:.0f} workers\nfor a day" if workers > 1 else ""
        )
        place, across = ((8, -6), "left") if at == n[0] else ((-7, 0), "right")
        left.annotate(words, (at, value), place, ha=across, va="bottom", textcoords="offset points")
    left.set_ylabel("hours of one worker")
    left.set_xlim(n[0] / 2, n[-1] * 2)
    left.set_ylim(top=10 * hours[-1])
    sizes = [number(column) for column in asked.columns[1:]]
    rows = {row[0]: [number(cell) for cell in row[1:]] for row in asked.rows}
    timed = {name: row for name, row in rows.items() if not name.endswith("MB") and all(row)}
    _lines(right, sizes, timed)
    right.set_ylabel("seconds")
    for axes in (left, right):
        axes.set_xlabel("videos")
    right.legend(fontsize=8, loc="upper left")
    right.set_ylim(top=300)
    return drawn


def _lines(axes: Axes, at: list[float], lines: Mapping[str, list[float]]) -> None:
    for name, values in lines.items():
        axes.plot(at, values, marker="o", markersize=4, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(at, [f"{value:,.0f}" for value in at])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.grid(color="#dddddd", linewidth=0.6)


def _legend(drawn: Figure, colours: Mapping[str, str]) -> None:
    for axes in drawn.axes:
        axes.spines[["top", "right"]].set_visible(False)
    patches = [Patch(color=colour, label=name) for name, colour in colours.items()]
    drawn.legend(handles=patches, ncols=len(patches), loc="outside upper center", fontsize=8)


PICTURES = (
    Picture("performance/stages.png", stages, ("speed.txt",)),
    Picture("performance/scaling.png", scaling, ("scaling.txt",)),
    Picture("performance/million.png", million, ("scale.txt", "many.txt")),
)


def main() -> None:
    """Writes table and pictures."""
    write(PAGE, summary(read("speed.txt"), read("further.txt")), PICTURES)


if __name__ == "__main__":
    main()
