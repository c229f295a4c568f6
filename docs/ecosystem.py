"""Prints the README with full addresses, as it is shown away from the repository.

Usage: python docs/ecosystem.py https://<host>/<owner>/<repository> > page.md
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!\w+:|#)([^)]+)\)")
"""A link or, after an exclamation mark, a picture, whose address is a path in the repository."""
HOMES = ("<this repository's URL>", "<this repository>")
"""What the README says for the address of the repository."""


def page(home: str) -> str:
    """The README with full addresses.

    Args:
        home: address of the repository.
    """

    def absolute(link: re.Match[str]) -> str:
        mark, text, path = link.groups()
        return f"{mark}{text}({home}/{'raw' if mark else 'blob'}/HEAD/{path})"

    text = LINK.sub(absolute, README.read_text())
    for said in HOMES:
        text = text.replace(said, home)
    return text


def main() -> None:
    """Prints the page for the address on the command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(page(sys.argv[1].rstrip("/")))


if __name__ == "__main__":
    main()
