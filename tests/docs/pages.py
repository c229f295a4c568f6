"""The code blocks of README and docs: which there are, and which cannot run in a test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?^```(?P<kind>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SPAN = re.compile(r"`(fiftyone-e3m [^`]+)`")


@dataclass(frozen=True)
class Block:
    """A block of code between fences.

    Attributes:
        page: its page.
        line: the 1-based line of its first line.
        kind: the language; empty for what is typed into a terminal or printed.
        reason: why it cannot run in a test; None if it can.
    """

    page: Path
    line: int
    kind: str
    code: str
    reason: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    text = page.read_text()
    return [
        Block(page, text.count("\n", 0, m.start("code")) + 1, m["kind"], m["code"], m["reason"])
        for m in FENCE.finditer(text)
    ]


def commands(page: Path) -> list[str]:
    """All commands `fiftyone-e3m` of a page, of blocks and of the text between them."""
    text = page.read_text()
    typed = [block.code.replace("\\\n", " ") for block in blocks(page) if not block.kind]
    lines = [line.split(" #")[0].strip() for code in typed for line in code.splitlines()]
    found = [line for line in lines if line.startswith("fiftyone-e3m ")]
    return found + [" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text))]
