"""Draws the pictures of docs/quality.md from docs/data, and writes its summary table.

`docs/data/quality.txt` and `docs/data/effects.txt` are what `make bench-quality` printed.

Usage: python -m docs.plots
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .pictures import HERE, Picture, block, read, write

PAGE = HERE / "quality.md"
SETTING = re.compile(r"^(\w+), encoder (\w+), (\d+) pairs$")
VALUE = r"([+-]?\d\.\d+) \[([+-]?\d\.\d+) ([+-]?\d\.\d+)\]"
RESULT = re.compile(rf"^  (\S.{{30}}) {VALUE}  {VALUE}")
EFFECT = re.compile(rf"^  (\S.{{31}})((?: {VALUE} ?)+)$")

PAPER, DEFAULT, NAIVE, BEST = "preset paper", "preset default", "naive per-frame CLIP", "ceiling"
SHOWN = {NAIVE: "#9aa0a6", PAPER: "#7baaf7", DEFAULT: "#e8710a", BEST: "#188038"}
"""The ways that the summary compares, and their colours."""


@dataclass(frozen=True)
class Value:
    """A mean and its central 90 %."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Result:
    """What a way of grounding reached on a set with an encoder."""

    set_name: str
    encoder: str
    n: int
    way: str
    tiou: Value
    viou: Value


@dataclass(frozen=True)
class Effect:
    """What the default gains over a variant, over both encoders."""

    variant: str
    tiou: Value
    viou: Value


def results(text: str) -> list[Result]:
    r"""The results in what the benchmark printed, in order.

    Example:
        >>> text = "joined, encoder bundled, 14 pairs\n  ceiling" + 25 * " "
        >>> results(text + "0.975 [0.96 0.98]  0.830 [0.78 0.87]")[0].viou
        Value(mean=0.83, low=0.78, high=0.87)
    """
    found: list[Result] = []
    setting = ("", "", 0)
    for line in text.splitlines():
        if begins := SETTING.match(line):
            setting = begins[1], begins[2], int(begins[3])
        elif row := RESULT.match(line):
            found.append(Result(*setting, row[1].strip(), *_values(line)))
    return found


def effects(text: str) -> list[Effect]:
    """The paired effects in what the benchmark printed; its last two columns are over both."""
    rows = filter(None, map(EFFECT.match, text.splitlines()))
    return [Effect(row[1].strip(), *_values(row[0])[-2:]) for row in rows]


def _values(line: str) -> list[Value]:
    return [Value(*map(float, value)) for value in re.findall(VALUE, line)]


def summary(found: Sequence[Result]) -> str:
    """The table of the ways in `SHOWN`, m_tIoU / m_vIoU."""
    by = {(r.set_name, r.encoder, r.way): r for r in found}
    settings = dict.fromkeys((r.set_name, r.encoder, r.n) for r in found)
    lines = [f"| set (pairs) | encoder | {' | '.join(SHOWN)} |", "| --- " * (2 + len(SHOWN)) + "|"]
    for set_name, encoder, n in settings:
        ways = [by[set_name, encoder, way] for way in SHOWN]
        cells = " | ".join(f"{r.tiou.mean:.3f} / {r.viou.mean:.3f}" for r in ways)
        lines.append(f"| {set_name} ({n}) | {encoder} | {cells} |")
    return block(lines)


def sets(found: Sequence[Result]) -> Figure:
    """m_tIoU and m_vIoU of the ways in `SHOWN`, by set and encoder."""
    drawn, all_axes = plt.subplots(2, 1, figsize=(9, 5.4), layout="constrained", sharex=True)
    settings = list(dict.fromkeys((r.set_name, r.encoder) for r in found))
    for axes, metric in zip(all_axes, ("tiou", "viou"), strict=True):
        for i, (way, colour) in enumerate(SHOWN.items()):
            values = [getattr(r, metric) for r in found if r.way == way]
            at = np.arange(len(settings)) + (i - (len(SHOWN) - 1) / 2) * 0.2
            axes.bar(at, [v.mean for v in values], 0.18, color=colour, label=way)
            axes.errorbar(at, [v.mean for v in values], _reach(values), fmt="none", ecolor="black")
        axes.set_ylabel(f"m_{metric.replace('iou', 'IoU')}")
        axes.set_ylim(0, 1.05)
    names = [f"{set_name}\n{encoder}" for set_name, encoder in settings]
    all_axes[1].set_xticks(range(len(settings)), names, fontsize=8)
    drawn.legend(*all_axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return drawn


def gains(found: Sequence[Effect]) -> Figure:
    """What each part is worth: the default's gain over the variant without it."""
    shown = [effect for effect in found if effect.variant != PAPER][::-1]
    drawn, all_axes = plt.subplots(1, 2, figsize=(9, 6), layout="constrained", sharey=True)
    for axes, metric in zip(all_axes, ("tiou", "viou"), strict=True):
        _forest(axes, [getattr(effect, metric) for effect in shown])
        axes.set_title(f"gain in m_{metric.replace('iou', 'IoU')}", fontsize=10)
    all_axes[0].set_yticks(range(len(shown)), [effect.variant for effect in shown], fontsize=9)
    return drawn


def _forest(axes: Axes, values: Sequence[Value]) -> None:
    """A line per value; coloured if its interval is clear of 0."""
    for i, value in enumerate(values):
        clear = value.low > 0 or value.high < 0
        colour = SHOWN[DEFAULT] if clear else SHOWN[NAIVE]
        axes.errorbar(value.mean, i, xerr=_reach([value]), fmt="o", color=colour)
    axes.axvline(0, color="black", linewidth=0.8)


def _reach(values: Sequence[Value]) -> np.ndarray:
    """How far the intervals reach below and above their means."""
    reach = np.array([[v.mean - v.low for v in values], [v.high - v.mean for v in values]])
    return reach.clip(0)  # means and intervals were rounded differently


PICTURES = (
    Picture("quality/sets.png", lambda text: sets(results(text)), ("quality.txt",)),
    Picture("quality/gains.png", lambda text: gains(effects(text)), ("effects.txt",)),
)


def main() -> None:
    """Writes table and pictures."""
    write(PAGE, summary(results(read("quality.txt"))), PICTURES)


if __name__ == "__main__":
    main()
