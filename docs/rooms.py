"""Draws which room of the package uses which, from its imports, into CONTRIBUTING.md.

An arrow that follows from others is left out: where A uses B and B uses C, A may use C as well.

Usage: python docs/rooms.py
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import grimp

PACKAGE = "fiftyone_e3m"
PAGE = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"
BLOCK = re.compile(r"```mermaid\n.*?```", re.DOTALL)
EVERYWHERE = {"boxes", "config", "version"}
"""Modules that nearly all others use; their arrows would hide the rest."""


def uses() -> dict[str, set[str]]:
    """The rooms that each room imports from; the package itself is no room."""
    graph, found = grimp.build_graph(PACKAGE), defaultdict(set)
    for module in graph.modules - {PACKAGE}:
        room = module.split(".")[1]
        for imported in graph.find_modules_directly_imported_by(module):
            other = imported.split(".")[1]
            if other != room and not {room, other} & EVERYWHERE:
                found[room].add(other)
    return found


def below(room: str, direct: dict[str, set[str]]) -> set[str]:
    """All rooms that a room uses, directly or not."""
    rooms = direct.get(room, set())
    return rooms.union(*(below(other, direct) for other in rooms))


def diagram() -> str:
    """The rooms as a Mermaid flowchart, from what users call down to arrays and files."""
    direct, lines = uses(), ["flowchart TD"]
    for room in sorted(direct):
        implied = set().union(*(below(other, direct) for other in direct[room]))
        lines += [f"    {room} --> {other}" for other in sorted(direct[room] - implied)]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def main() -> None:
    """Replaces the diagram in the page."""
    PAGE.write_text(BLOCK.sub(diagram(), PAGE.read_text()))


if __name__ == "__main__":
    main()
