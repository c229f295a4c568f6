"""Tests what may be given as `detector`, and that every error says what to do.

`check_detector` already reports what can be told without loading anything.
"""

import sys

import pytest

from fiftyone_e3m.candidates import DetectorError, load_detector
from fiftyone_e3m.candidates.factory import check_detector

AT_ONCE = pytest.mark.parametrize("ask", [check_detector, load_detector])


class Nameless:
    def detect(self, frames):
        return []


def test_a_detector_object_passes_through(fake_detector):
    assert load_detector(fake_detector) is fake_detector


@pytest.mark.parametrize("thing", [None, 5, object(), Nameless(), ["yolo11n.pt"]])
def test_an_object_that_is_no_detector_is_refused_by_its_type(thing):
    with pytest.raises(DetectorError, match=f"{type(thing).__name__} is not a detector"):
        load_detector(thing)


@pytest.mark.parametrize("name", ["no-such-model", "yolo11n_shrunk.engine"])
def test_unknown_weights_are_told_with_a_way_out(name, tmp_path, monkeypatch):
    pytest.importorskip("ultralytics")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DetectorError, match=rf"'{name}' could not be loaded.*boxes_field"):
        load_detector(name)


@AT_ONCE
@pytest.mark.parametrize("name", ["weights.pt", "yolo11n_openvino_model"])
def test_a_path_that_does_not_exist_is_told_as_such(ask, tmp_path, name):
    pytest.importorskip("ultralytics")
    with pytest.raises(DetectorError, match=rf"{name}': there is no such file or folder"):
        ask(str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["yolo_openvino_model", "folder", "yolo11n.pt"])
def test_a_path_that_holds_no_model_is_told_before_any_video_is_read(tmp_path, name):
    pytest.importorskip("ultralytics")
    path = tmp_path / name
    if path.suffix:
        path.write_text("Not found")
    else:
        path.mkdir()
    with pytest.raises(DetectorError, match=rf"{name}' could not be loaded"):
        load_detector(str(path))


@AT_ONCE
def test_without_ultralytics_the_sentence_says_what_to_install(ask, monkeypatch):
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(DetectorError, match="pip install ultralytics-opencv-headless"):
        ask("yolo11n.pt")


def test_a_model_that_the_zoo_does_not_have_is_told_with_where_to_look():
    with pytest.raises(DetectorError, match=r"'no-such-model' could not be.*fiftyone zoo models"):
        load_detector("zoo:no-such-model")
