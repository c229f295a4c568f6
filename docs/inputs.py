"""Writes the table of bad input into docs/reliability.md, from the cases of tests/reliability.

Usage: python -m docs.inputs
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.reliability.boxes import BOXES
from tests.reliability.datasets import DATASETS
from tests.reliability.files import FILES, LOCKED
from tests.reliability.models import MODELS
from tests.reliability.requests import REQUESTS
from tests.reliability.sentences import SENTENCES
from tests.reliability.table import COMMAND, GROUND, OPERATOR, Case

PAGE = Path(__file__).with_name("reliability.md")
BLOCK = re.compile(r"<!-- inputs -->.*<!-- /inputs -->", re.DOTALL)


def ways_of(case: Case) -> tuple[str, ...]:
    """The ways through which a case is tried."""
    if case in REQUESTS:
        tried = {GROUND: case.given, OPERATOR: case.params, COMMAND: case.options}
        return tuple(way for way, how in tried.items() if how)
    if case in FILES:
        return GROUND, OPERATOR, *([COMMAND] if case.by_command else [])
    if case in SENTENCES:
        return GROUND, OPERATOR, *([COMMAND] if case.outcome == "ok" else [])
    in_app = case in BOXES or (case in DATASETS and case.in_app)
    return (GROUND, OPERATOR) if in_app else (GROUND,)


GROUPS = {
    "Files": (*FILES, LOCKED),
    "Datasets and views": DATASETS,
    "Boxes": BOXES,
    "Sentences": SENTENCES,
    "Requests": REQUESTS,
    "Models": MODELS,
}


def table() -> str:
    """All cases as Markdown tables, by group."""
    n = sum(map(len, GROUPS.values()))
    lines = [f"{n} kinds of input. … stands for names and numbers.", ""]
    for group, cases in GROUPS.items():
        lines += [f"### {group}: {len(cases)}", "", "| input | outcome | sentence | tried with |"]
        lines.append("| --- | --- | --- | --- |")
        for case in cases:
            says = "" if case.says == "…" else case.says
            cells = (case.what, case.outcome or "nothing to do", says, ", ".join(ways_of(case)))
            lines.append(f"| {' | '.join(map(_escaped, cells))} |")
        lines.append("")
    return "<!-- inputs -->\n" + "\n".join(lines) + "<!-- /inputs -->"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("{", "&#123;")


def main() -> None:
    """Replaces the tables in the page."""
    PAGE.write_text(BLOCK.sub(lambda _: table(), PAGE.read_text()))


if __name__ == "__main__":
    main()
