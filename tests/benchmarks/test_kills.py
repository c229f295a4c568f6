"""Pins that faults lose nothing, with a short form of the benchmark."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_left_half_written():
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "6", "--videos", "5"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=900)
    assert done.stdout.endswith(
        "All faults: losses 0, duplicates 0, half-written tubes 0, stray fields 0.\n"
    ), done.stdout + done.stderr
