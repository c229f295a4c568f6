"""Pictures of pages, drawn from files of docs/data, which are what benchmarks printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from matplotlib.figure import Figure

HERE = Path(__file__).parent
BEGIN, END = "<!-- summary -->", "<!-- /summary -->"
BLOCK = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
"""The place of a page's summary table."""
MARK = "Source"
"""The text in a PNG that tells its data."""


def read(name: str) -> str:
    """A file of data."""
    return (HERE / "data" / name).read_text()


@dataclass(frozen=True)
class Picture:
    """A picture of a page.

    Attributes:
        name: its path below docs/images.
        draw: makes it of the texts of its files.
        files: names in docs/data.
    """

    name: str
    draw: Callable[..., Figure]
    files: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return HERE / "images" / self.name

    @property
    def mark(self) -> str:
        """Differs where its data differ."""
        return sha256("\n".join(map(read, self.files)).encode()).hexdigest()[:16]

    def figure(self) -> Figure:
        """Draws it."""
        return self.draw(*map(read, self.files))

    def save(self) -> None:
        """Draws it and writes it with its mark."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.figure().savefig(self.path, dpi=100, metadata={MARK: self.mark})


def block(lines: Sequence[str]) -> str:
    """A table between the marks of a page's summary."""
    return "\n".join([BEGIN, *lines, END])


def write(page: Path, table: str, pictures: Sequence[Picture]) -> None:
    """Puts the table of `block` into a page, and saves its pictures."""
    page.write_text(BLOCK.sub(lambda _: table, page.read_text()))
    for picture in pictures:
        picture.save()
