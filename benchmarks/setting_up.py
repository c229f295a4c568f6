"""What a fresh clone costs before ``make demo`` and ``make test`` run: seconds, downloads and disk.

Each is set up in a clone of its own, with no package cache. pip's settings hold as they do for
anybody: ``PIP_CONFIG_FILE=/dev/null`` measures without those of this machine.

Usage: python -m benchmarks.setting_up [--targets setup-demo setup]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOWNLOADED = re.compile(r"Downloading \S+ \(([\d.]+) (kB|MB|GB)\)")
UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9}


def downloaded(log: str) -> float:
    """Bytes that pip fetched, by its log."""
    return sum(float(size) * UNITS[unit] for size, unit in DOWNLOADED.findall(log))


def on_disk(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def measure(target: str, folder: Path) -> tuple[float, float, int]:
    """Sets up a clone in a folder: seconds, bytes downloaded, bytes on disk."""
    clone, log = folder / "clone", folder / "log"
    subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, clone], check=True)  # noqa: S607
    environment = {**os.environ, "PIP_NO_CACHE_DIR": "1", "PIP_LOG": str(log)}
    start = time.perf_counter()
    subprocess.run(["make", "--silent", "-C", clone, target], env=environment, check=True)  # noqa: S607
    return time.perf_counter() - start, downloaded(log.read_text()), on_disk(clone / ".venv")


def main() -> None:
    """Prints a line per target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", nargs="+", default=["setup-demo", "setup"])
    print("| target | seconds | downloaded, GB | .venv, GB |\n| --- | ---: | ---: | ---: |")
    for target in parser.parse_args().targets:
        with tempfile.TemporaryDirectory() as folder:
            seconds, fetched, kept = measure(target, Path(folder))
        print(f"| {target} | {seconds:.0f} | {fetched / 1e9:.2f} | {kept / 1e9:.2f} |", flush=True)


if __name__ == "__main__":
    main()
