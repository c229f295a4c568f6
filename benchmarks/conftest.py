"""Makes pytest-benchmark show the figures of `test_overhead.py` per sampled frame."""

from __future__ import annotations

N_FRAMES = 100
"""Sampled frames of the benchmarks' video: 20 seconds at five per second."""


def pytest_benchmark_scale_unit(unit: str) -> tuple[str, float]:
    """Prefix and factor for the table's unit; the table appends an "s" to the prefix."""
    return ("ms per sampled frame", 1000 / N_FRAMES) if unit == "seconds" else ("", 1.0)
