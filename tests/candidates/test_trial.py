"""Pins that a trial of a detector loads nothing that may have to be downloaded."""

import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="needs the extra [ultralytics]")

from fiftyone_e3m.candidates import load_detector, load_for_trial, weights_here
from fiftyone_e3m.candidates.base import DetectorError


def test_the_text_encoder_of_an_open_vocabulary_is_left_out_and_named(world):
    with pytest.raises(DetectorError, match="needs the package 'clip'"):
        load_detector(world)
    detector, remark = load_for_trial(world, "cpu")
    assert len(detector.detect([np.zeros((64, 64, 3), np.uint8)])) == 1
    assert "its text encoder" in remark


def test_weights_beside_the_program_are_found_as_ultralytics_finds_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.pt").write_text("weights")
    (tmp_path / "mine_openvino_model").mkdir()
    for spec, found in (("mine.pt", "mine.pt"), ("mine", "mine.pt"), ("other", None)):
        assert [str(path) for path in weights_here(spec)] == ([found] if found else [])
    assert [str(path) for path in weights_here("mine_openvino_model")] == ["mine_openvino_model"]
