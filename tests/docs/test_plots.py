"""Pins that the summary of docs/quality.md is that of its data, and that nothing of it is lost."""

import doctest
from collections import Counter

from docs import plots
from docs.pictures import BLOCK, read
from docs.plots import DEFAULT, PAGE, SHOWN, Value, effects, results, summary


def test_the_table_is_that_of_the_data():
    shown = BLOCK.search(PAGE.read_text())
    assert shown, f"{PAGE.name} has no summary"
    assert shown.group() == summary(results(read("quality.txt"))), "run: make plots"


def test_every_printed_row_is_read():
    text = read("quality.txt")
    found = results(text)
    printed = [line for line in text.splitlines() if line.count("[") == 2 and "90 %" not in line]
    assert len(found) == len(printed)
    assert len(set(Counter((r.set_name, r.encoder) for r in found).values())) == 1
    rows = [line for line in read("effects.txt").splitlines() if line.count("[") == 6]
    assert len(effects(read("effects.txt"))) == len(rows)


def test_effects_are_those_over_both_encoders():
    (first, *_) = effects(read("effects.txt"))
    assert first.variant == "preset paper"
    assert first.tiou == Value(0.270, 0.214, 0.327)
    assert first.viou == Value(0.235, 0.183, 0.296)


def test_bars_are_as_high_as_the_data():
    found = results(read("quality.txt"))
    axes = plots.sets(found).axes[1]
    heights = [round(bar.get_height(), 3) for bar in axes.patches]
    expected = [r.viou.mean for way in SHOWN for r in found if r.way == way]
    assert heights == expected
    assert DEFAULT in [text.get_text() for text in axes.figure.legends[0].get_texts()]


def test_a_gain_is_coloured_where_its_interval_is_clear_of_0():
    shown = plots.gains(effects(read("effects.txt")))
    names = [label.get_text() for label in shown.axes[0].get_yticklabels()]
    colours = [line.get_color() for line in shown.axes[0].lines if line.get_marker() == "o"]
    by_name = dict(zip(names, colours, strict=True))
    assert by_name["no contrast"] == SHOWN[DEFAULT]
    assert by_name["blur prompt only"] != SHOWN[DEFAULT]


def test_the_examples_hold():
    result = doctest.testmod(plots)
    assert result.attempted
    assert not result.failed
