"""Pins that Schedule works in the App of `make app`, and that the doctor says where it does not."""

import subprocess
from pathlib import Path

import fiftyone as fo
import pytest

from fiftyone_e3m.cli.doctor import examine
from fiftyone_e3m.cli.running import SCHEDULING

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("allowed", [True, False])
def test_the_doctor_says_why_schedule_is_greyed_out(monkeypatch, allowed):
    monkeypatch.setattr(fo.config, "allow_legacy_orchestrators", allowed)
    check = next(check for check in examine() if check.name == "Schedule in the App")
    assert check.ok is allowed
    assert allowed or f"{SCHEDULING}=true" in check.detail


def test_make_app_starts_a_server_that_allows_to_schedule(tmp_path):
    """The programs are replaced by one that writes its environment."""
    for name in ("fiftyone-e3m", "fiftyone"):
        (tmp_path / name).write_text(f"#!/bin/sh\nenv > {tmp_path}/seen-by-$(basename $0)\n")
        (tmp_path / name).chmod(0o755)
    make = ["make", "-C", REPOSITORY, "-o", "setup", "app", f"BIN={tmp_path}"]
    subprocess.run(make, check=True, capture_output=True)
    seen = (tmp_path / "seen-by-fiftyone").read_text().splitlines()
    assert f"{SCHEDULING}=true" in seen
