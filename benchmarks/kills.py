"""Whether faults lose anything: kills, a restarted database, full disks, two runs at once.

Runs over short drawn videos, with the tests' stand-ins for the models, are hurt at moments drawn
with a seed, and started again where a user would. Then the dataset is compared with that of a run
that nothing happened to: results, run records, schema, and the raw documents in the database. Each
fault has its own dataset; the database, the cache and the videos are temporary.

Usage: python -m benchmarks.kills [--kills 50] [--videos 20] [--seed 0]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
from pathlib import Path

from .kill_server import Server


def main() -> int:
    """Prints a line per fault, and what they have done in all; 1 if anything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Server(Path(name)) as server:
        home = Path(name)
        os.environ.update(
            E3M_TESTS_WORKER=os.environ.get("PYTEST_XDIST_WORKER", "main"),  # no database of theirs
            E3M_CACHE_DIR=str(home / "cache"),
            E3M_DATA_DIR=str(home / "data"),
            FIFTYONE_DATABASE_URI=server.address,
            FIFTYONE_DATABASE_VALIDATION="false",
            FIFTYONE_DO_NOT_TRACK="true",
        )
        multiprocessing.set_forkserver_preload(["benchmarks.kill_run"])
        from .kill_audit import Damage
        from .kill_faults import Faults

        faults = Faults(home, server, options.videos, options.seed)
        total = Damage()
        for what, damage in faults.all(options.kills):
            total += damage
            print(f"{what}: {damage}", flush=True)
        print(f"All faults: {total}.")
    return 1 if total else 0


if __name__ == "__main__":
    raise SystemExit(main())
