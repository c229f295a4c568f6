"""Tests the file of calibrations: nothing is lost, and a damaged file is told, not replaced."""

import json
import os

import platformdirs
import pytest

from fiftyone_e3m.calibration import Calibration, CalibrationError, Kept, KeptCalibrations

ONE = Kept("ViT-B-32/laion2b", Calibration(0.8, 0.3), 40, 25, "2026-01-01T00:00:00+00:00")
OTHER = Kept("ViT-L-14/openai", Calibration(1.2, -0.5), 30, 10, "2026-01-02T00:00:00+00:00")


@pytest.fixture
def kept(tmp_path):
    return KeptCalibrations(tmp_path / "data" / "calibrations.json")


def test_without_a_file_there_is_none_and_none_is_made(kept):
    assert kept.read() == {}
    assert not kept.path.parent.exists()


def test_what_was_kept_is_read_and_encoders_do_not_replace_each_other(kept):
    kept.keep("a", ONE)
    kept.keep("b", OTHER)
    assert kept.read() == {"a": ONE, "b": OTHER}
    kept.keep("a", OTHER)
    assert kept.read() == {"a": OTHER, "b": OTHER}
    assert os.listdir(kept.path.parent) == [kept.path.name], "no half-written file is left"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"a": 1}', '{"a": {}}', "\x00", '{"a": {"scale": -1, "shift": 0}}']
    + [json.dumps({"a": {**ONE.entry, "scale": value}}) for value in (-1, 0, "x", None)],
)
def test_a_damaged_file_is_told_and_stays_as_it_is(kept, text):
    kept.path.parent.mkdir()
    kept.path.write_text(text)
    for act in (kept.read, lambda: kept.keep("b", OTHER)):
        with pytest.raises(CalibrationError, match=r"calibrations\.json are damaged .* remove it"):
            act()
    assert kept.path.read_text() == text


def test_bytes_that_are_no_text_are_told(kept):
    kept.path.parent.mkdir()
    kept.path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CalibrationError, match="damaged"):
        kept.read()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    kept = KeptCalibrations(tmp_path / "file" / "calibrations.json")
    assert kept.read() == {}
    with pytest.raises(CalibrationError, match="Set E3M_DATA_DIR to a writable folder"):
        kept.keep("a", ONE)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CalibrationError, match="cannot be read"):
        KeptCalibrations(tmp_path).read()


def test_the_file_is_in_the_users_data_folder_or_where_the_variable_says(monkeypatch, tmp_path):
    monkeypatch.setenv("E3M_DATA_DIR", str(tmp_path))
    assert KeptCalibrations.default().path.parent == tmp_path
    monkeypatch.setenv("E3M_DATA_DIR", "")
    folder = platformdirs.user_data_dir("fiftyone-e3m")
    assert str(KeptCalibrations.default().path.parent) == folder
