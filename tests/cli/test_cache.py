"""Pins what the cache commands print, and that the cache can be emptied."""

import numpy as np
import pytest
from typer.testing import CliRunner

from fiftyone_e3m import cli
from fiftyone_e3m.cache import Cache, Key


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("E3M_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("E3M_CACHE_MB", "10")
    return tmp_path / "cache"


def run(*arguments):
    result = CliRunner().invoke(cli.app, ["cache", *arguments], env={"COLUMNS": "200"})
    return result.exit_code, " ".join(result.output.split())


def test_info_of_an_empty_cache(folder):
    code, output = run("info")
    assert code == 0
    assert f"folder {folder} entries 0 size 0.0 MB of 10.0 MB" in output
    assert not folder.exists(), "to look must not make anything"


def test_clear_removes_what_info_counts(folder):
    cache = Cache(folder, 10**7)
    for number in range(3):
        cache.put(Key("video", str(number)), {"features": np.zeros(2**18, np.float32)})
    assert "entries 3 size 3.0 MB of 10.0 MB" in run("info")[1]
    assert run("clear") == (0, f"Removed 3 entries, 3.0 MB, from {folder}")
    assert "entries 0 size 0.0 MB" in run("info")[1]
    assert run("clear") == (0, f"Removed 0 entries, 0.0 MB, from {folder}")


@pytest.mark.parametrize("command", ["info", "clear"])
def test_without_a_cache_there_is_nothing_to_tell(folder, monkeypatch, command):
    monkeypatch.setenv("E3M_CACHE_MB", "0")
    assert run(command) == (0, "The cache is disabled, because E3M_CACHE_MB is 0.")


@pytest.mark.parametrize("command", ["info", "clear"])
@pytest.mark.parametrize("size", ["lots", "-1", "nan", "inf", ""])
def test_a_size_that_is_none_is_refused(folder, monkeypatch, command, size):
    monkeypatch.setenv("E3M_CACHE_MB", size)
    code, output = run(command)
    assert code == 2
    assert output == f"E3M_CACHE_MB is '{size}'. Set it to a number of megabytes, 0 for no cache."


def test_a_run_with_such_a_size_is_refused_before_anything_is_written(
    folder, monkeypatch, draw_video, tmp_path
):
    monkeypatch.setenv("E3M_CACHE_MB", "lots")
    clip = draw_video(tmp_path / "clip.mp4", [{"red": (10, 10, 50, 50)}] * 5)
    arguments = ["ground", str(clip), "--query", "a", "--encoder", "bundled"]
    result = CliRunner().invoke(cli.app, [*arguments, "--boxes-field", "gt"])
    assert result.exit_code == cli.REFUSED
