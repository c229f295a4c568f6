"""Writes the table of docs/versions.md, from what the sessions of noxfile.py print.

Reads their output, shows it, and keeps in docs/data/versions.txt the lines that name a session, its
versions and its result. Given that file, it writes the same table again.

Usage: { date -I; nox; } 2>&1 | python -m docs.versions
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from noxfile import EXTRAS, PROJECT

from .pictures import HERE, block, write

PAGE, DATA = HERE / "versions.md", HERE / "data" / "versions.txt"
SESSION = re.compile(r"^nox > Running session (\S+)$")
TRIED = re.compile(r"^tried with (.+)$")
ENDED = re.compile(r"^=+ ((?:\d+ failed, )?(\d+) passed\b.*) in .*=+$")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
KEPT = SESSION, TRIED, ENDED, DATE
PYTHON = "Python"


@dataclass(frozen=True)
class Session:
    """What a session tried.

    Attributes:
        name: as in ``nox --session``.
        versions: version of Python and of each distribution, by canonical name.
        result: what pytest said at the end, without the time.
        passed: number of tests that passed.
    """

    name: str
    versions: dict[str, str]
    result: str = "failed before the tests ended"
    passed: int = 0


def kept(lines: Iterable[str]) -> Iterator[str]:
    """The lines that the table is made of, without their ends."""
    for line in map(str.rstrip, lines):
        if any(pattern.match(line) for pattern in KEPT):
            yield line


def sessions(lines: Iterable[str]) -> list[Session]:
    """The sessions whose lines these are, in order.

    Example:
        >>> lines = ["nox > Running session oldest", "tried with Python 3.10.1, av 17.1.0"]
        >>> sessions([*lines, "=== 2 passed in 1.00s ==="])[0].versions
        {'Python': '3.10.1', 'av': '17.1.0'}
    """
    found: list[Session] = []
    for line in lines:
        if begins := SESSION.match(line):
            found.append(Session(begins[1], {}))
        elif tried := TRIED.match(line):
            pairs = (part.rsplit(" ", 1) for part in tried[1].split(", "))
            versions = {known if known == PYTHON else canonicalize_name(known): version
                        for known, version in pairs}  # fmt: skip
            found[-1] = replace(found[-1], versions=versions)
        elif ended := ENDED.match(line):
            found[-1] = replace(found[-1], result=ended[1], passed=int(ended[2]))
    return found


def declared() -> list[Requirement]:
    """What the package and the extras of the sessions ask for."""
    extras = (PROJECT["optional-dependencies"][name] for name in EXTRAS)
    return [Requirement(line) for listed in (PROJECT["dependencies"], *extras) for line in listed]


def summary(lines: Sequence[str]) -> str:
    """The table: a row for Python and for each requirement, a column for each session."""
    found, (date,) = sessions(lines), [line for line in lines if DATE.match(line)]
    rows = [
        ["", "asked for", *(session.name for session in found)],
        ["---"] * (2 + len(found)),
        [PYTHON, "", *(session.versions[PYTHON] for session in found)],
    ]
    for asked in declared():
        name = canonicalize_name(asked.name)
        rows.append([name, str(asked.specifier), *(s.versions.get(name, "") for s in found)])
    rows.append([f"tests passed, {date}", "", *(str(session.passed) for session in found)])
    return block([f"| {' | '.join(row)} |" for row in rows])


def _shown(lines: Iterable[str]) -> Iterator[str]:
    """The same lines, which are printed as they come."""
    for line in lines:
        print(line, end="", flush=True)
        yield line


def main() -> None:
    """Shows and keeps what comes from standard input, and writes the table."""
    lines = list(kept(_shown(sys.stdin)))
    bad = [f"{s.name}: {s.result}" for s in sessions(lines) if "failed" in s.result]
    if bad or not lines:
        sys.exit(f"The table stays as it is. {'; '.join(bad) or 'Nothing was tried'}.")
    DATA.write_text("\n".join([*lines, ""]))
    write(PAGE, summary(lines), ())


if __name__ == "__main__":
    main()
