"""Pins that the summary and the pictures of docs/performance.md are those of its data."""

import doctest
import re

import pytest
from PIL import Image

from docs import plots, tables, timings
from docs.pictures import BLOCK, HERE, MARK, read
from docs.tables import number
from docs.timings import OWN, PAGE, STAGES, WAYS, bars, grouped, summary

FILES = ("speed", "further", "scaling", "scale", "many", "load")


def drawn(name):
    """A picture of the page, drawn anew."""
    (picture,) = [p for p in timings.PICTURES if p.name == f"performance/{name}.png"]
    return picture.figure()


def test_the_table_is_that_of_the_data():
    shown = BLOCK.search(PAGE.read_text())
    assert shown, f"{PAGE.name} has no summary"
    assert shown.group() == summary(read("speed.txt"), read("further.txt")), "run: make plots"


@pytest.mark.parametrize("picture", [*plots.PICTURES, *timings.PICTURES], ids=lambda p: p.name)
def test_the_picture_that_is_kept_is_that_of_the_data(picture):
    with Image.open(picture.path) as image:
        assert image.info[MARK] == picture.mark, "run: make plots"
    page = (timings if picture in timings.PICTURES else plots).PAGE
    assert f"(images/{picture.name})" in page.read_text()


def test_all_data_are_linked_and_read():
    linked = set(re.findall(r"\(data/(\w+)\.txt\)", PAGE.read_text()))
    assert linked == set(FILES)
    kept = {path.stem for path in (HERE / "data").iterdir()}
    assert kept == {*FILES, "quality", "effects", "versions"}


@pytest.mark.parametrize("name", FILES)
def test_every_printed_row_is_read(name):
    text = read(f"{name}.txt")
    found = tables.tables(text)
    printed = [line for line in text.splitlines() if line.startswith("|")]
    assert sum(2 + len(table.rows) for table in found) == len(printed)
    assert all(len(row) == len(table.columns) for table in found for row in table.rows)


def test_rows_of_the_summary_are_as_printed():
    lines = summary(read("speed.txt"), read("further.txt")).splitlines()
    assert "| ours, s | 7.75 | 2.83 | 5.08 |" in lines
    assert "| ours / every picture | 0.24 | 0.22 | 0.19 |" in lines
    assert "| times as fast as the first | 79 | 31 | 60 |" in lines


def test_stages_add_up_to_their_bars():
    axes = drawn("stages").axes[0]
    ends = {}
    for bar in axes.patches:
        place = bar.get_y() + bar.get_height() / 2
        ends[place] = max(ends.get(place, 0), bar.get_x() + bar.get_width())
    ours, naive, floor = list(ends.values())[:3]
    (table, *_) = tables.tables(read("speed.txt"))
    seconds = {way: table.row(beginning)["seconds"] for way, beginning in WAYS.items()}
    assert naive == pytest.approx(seconds["naive"], rel=0.05)
    assert floor == pytest.approx(seconds["floor"])
    assert ours == pytest.approx(table.row("ours, default, no threads")["seconds"], rel=0.05)
    assert len(ends) == 3 * len(bars(read("speed.txt"))) == 9


def test_stages_without_a_colour_are_everything_else():
    found = grouped({"decode": 1.0, "Kalman": 2.0, "EM": 3.0})
    assert found == {"decode": 1.0, "everything else": 5.0}
    assert set(found) < set(STAGES)


def test_bars_of_the_own_cost_are_as_high_as_the_data():
    length, *_ = tables.tables(read("scaling.txt"))
    heights = [bar.get_height() for bar in drawn("scaling").axes[0].patches]
    assert heights == pytest.approx([value for part in OWN for value in length.column(part)])


def test_lines_have_the_points_of_the_data():
    (model,), (asked,) = tables.tables(read("scale.txt")), tables.tables(read("many.txt"))
    left, right = drawn("million").axes
    (line,) = left.lines
    assert list(line.get_ydata()) == model.column("one worker, h")
    lines = {line.get_label(): list(line.get_ydata()) for line in right.lines}
    assert lines["overview: all of it"] == [number(c) for c in asked.rows[2][1:]]
    assert "get_field_schema" not in lines, "it takes no time that could be drawn"


def test_what_the_page_says_of_a_million_is_in_the_data():
    text = " ".join(PAGE.read_text().split())
    (model,) = tables.tables(read("scale.txt"))
    hours, workers = model.column("one worker, h")[-1], model.column("workers for a day")[-1]
    assert f"take one worker {hours:,.0f} hours, {workers:.0f} workers a day" in text
    (load,) = tables.tables(read("load.txt"))
    ratios = load.column("ratio")
    assert f"last hundred took {100 * ratios[-1] / ratios[0] - 100:.1f} % more" in text


def test_the_examples_hold():
    result = doctest.testmod(tables)
    assert result.attempted
    assert not result.failed
