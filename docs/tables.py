"""The tables in what a benchmark printed, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """A printed table.

    Attributes:
        heading: the last heading above it, without its marks; empty if there is none.
        title: the last line of text above it; empty if there is none below the heading.
        columns: its column names.
        rows: the cells of its rows.
    """

    heading: str
    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def column(self, name: str) -> list[float]:
        """The numbers of a column."""
        at = self.columns.index(name)
        return [number(row[at]) for row in self.rows]

    def row(self, beginning: str) -> dict[str, float]:
        """The numbers of the first row whose first cell begins with something, by column."""
        row = next(row for row in self.rows if row[0].startswith(beginning))
        return {name: number(c) for name, c in zip(self.columns[1:], row[1:], strict=True) if c}


def number(cell: str) -> float:
    """A printed number.

    Example:
        >>> number("1,874.0"), number("40 s"), number("14.1 %")
        (1874.0, 40.0, 14.1)
    """
    return float(cell.split()[0].replace(",", ""))


def tables(text: str) -> list[Table]:
    """The tables in what a benchmark printed, in order."""
    found: list[Table] = []
    heading = title = ""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("#"):
            heading, title = line.strip("# "), ""
        elif line.startswith("| ---"):
            continue
        elif line.startswith("|") and inside:
            found[-1].rows.append(cells)
        elif line.startswith("|"):
            found.append(Table(heading, title, cells))
        elif line:
            title = line
        inside = line.startswith("|")
    return found
