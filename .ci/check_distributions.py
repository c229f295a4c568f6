"""Compares an sdist and a wheel with the committed files that they are of; called by `.ci/bare`."""

import argparse
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

PACKAGE = "fiftyone_e3m"
MOVED = ("assets", "fiftyone.yml", "skills")
"""What lies beside the package in a checkout and inside it in a wheel."""
SOURCES = (PACKAGE, *MOVED, "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", ".gitignore")
NEEDED = (
    "__init__.py",
    "py.typed",
    "manifest.json",
    "plugin/browser.js",
    "demo/bikes_boxes.json",
    "fiftyone.yml",
)
"""Files of a wheel that something reads by name: Python, type checkers, FiftyOne, the demo."""
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def below_root(names: list[str]) -> set[str]:
    """The files among names, without the folder that all lie in."""
    paths = [PurePosixPath(name) for name in names if not name.endswith("/")]
    return {str(PurePosixPath(*path.parts[1:])) for path in paths}


def sources(committed: set[str]) -> set[str]:
    """What an sdist of committed files has."""
    return {name for name in committed if name.split("/")[0] in SOURCES} | {"PKG-INFO"}


def installed(committed: set[str]) -> set[str]:
    """What a wheel of committed files puts into site-packages, without its metadata."""
    moved = {f"{PACKAGE}/{name}" for name in committed if name.split("/")[0] in MOVED}
    return moved | {name for name in committed if name.startswith(f"{PACKAGE}/")}


def same(what: str, found: set[str], expected: set[str]) -> None:
    """Ends the program where two sets of files differ."""
    lines = [f"missing: {name}" for name in sorted(expected - found)]
    lines += [f"too much: {name}" for name in sorted(found - expected)]
    if lines:
        sys.exit("\n".join([f"{what} is not what is committed:", *lines]))
    print(f"        {what}: {len(found)} files")


def main() -> None:
    """Checks both files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("committed", type=Path, help="a zip of the repository, in one folder")
    parser.add_argument("sdist", type=Path)
    parser.add_argument("wheel", type=Path)
    asked = parser.parse_args()
    with zipfile.ZipFile(asked.committed) as archive:
        committed = below_root(archive.namelist())
    with tarfile.open(asked.sdist) as archive:
        members = [member.name for member in archive if member.isfile()]
    same(asked.sdist.name, below_root(members), sources(committed))
    with zipfile.ZipFile(asked.wheel) as archive:
        names = archive.namelist()
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    same(asked.wheel.name, set(names) - metadata, installed(committed))
    same("its metadata", below_root(list(metadata)), METADATA)
    if lost := [name for name in NEEDED if f"{PACKAGE}/{name}" not in names]:
        sys.exit(f"{asked.wheel.name} lacks {', '.join(lost)}")


if __name__ == "__main__":
    main()
