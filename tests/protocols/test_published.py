"""Pins the published rows: each has a source, and the docs show the same numbers."""

import re
from pathlib import Path

import pytest

from fiftyone_e3m.protocols.published import (
    HCSTVG_V1,
    HCSTVG_V2,
    TABLES,
    VIDSTG_DECLARATIVE,
    VIDSTG_INTERROGATIVE,
)

COLUMNS = (HCSTVG_V1, HCSTVG_V2, VIDSTG_DECLARATIVE, VIDSTG_INTERROGATIVE)
"""The benchmarks in the order of the docs' columns."""

LETTERS = {
    "arXiv 2509.15178": "L",
    "arXiv 2509.15178, which quotes it": "L",
    "readme of CG-STVG": "C",
    "readme of TA-STVG": "T",
    "paper of ScanFocus (2026)": "S",
    "arXiv 2511.21375": "O",
    "readme of STVG-R1": "R",
}
"""The letter of each source in the docs."""


@pytest.fixture(scope="module")
def section():
    """The docs on published rows."""
    text = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()
    return text.partition("## Published rows")[2]


@pytest.fixture(scope="module")
def documented(section):
    """The cells of each row of the docs' table, by method."""
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]
    return {method: (supervision, *cells) for supervision, method, *cells in rows}


def cell(row):
    if row is None:
        return "-"
    text = f"{row.m_viou} / {row.viou_03} / {row.viou_05}"
    return text if row.m_tiou is None else f"{text}, t {row.m_tiou}"


def test_the_docs_show_the_rows_that_the_tables_print(documented):
    by_method = [{row.method: row for row in benchmark.rows} for benchmark in COLUMNS]
    assert set(documented) == {method for rows in by_method for method in rows}
    for method, (supervision, *cells, sources) in documented.items():
        rows = [benchmark.get(method) for benchmark in by_method]
        assert cells == [cell(row) for row in rows], method
        assert {row.supervision for row in rows if row} == {supervision}, method
        assert set(sources.split(", ")) == {LETTERS[row.source] for row in rows if row}, method


def test_the_docs_name_every_source(section):
    for letter in set(LETTERS.values()):
        assert re.search(rf"\b{letter} = ", section), letter


@pytest.mark.parametrize("benchmark", COLUMNS, ids=lambda benchmark: benchmark.title)
def test_rows_can_be_percentages_and_come_in_order(benchmark):
    assert len({row.method for row in benchmark.rows}) == len(benchmark.rows)
    for row in benchmark.rows:
        assert 0 <= row.viou_05 <= row.viou_03 <= 100, row
        assert 0 < row.m_viou < (row.m_tiou or 100), row
    kinds = list(dict.fromkeys(row.supervision for row in benchmark.rows))
    in_order = sorted(benchmark.rows, key=lambda row: (kinds.index(row.supervision), row.m_viou))
    assert list(benchmark.rows) == in_order


def test_every_benchmark_has_a_table():
    assert [b for table in TABLES.values() for b in table.values()] == list(COLUMNS)
