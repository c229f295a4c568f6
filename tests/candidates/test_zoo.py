"""Tests the FiftyOne zoo detector with a small real `Model`, loaded through FiftyOne's own zoo."""

import json

import fiftyone as fo
import fiftyone.core.models as fom
import numpy as np
import pytest

from fiftyone_e3m.candidates import DetectorError, detect, load_detector
from fiftyone_e3m.candidates.zoo import ZooDetector
from fiftyone_e3m.video import Video

BOX = (32, 30, 80, 90)  # of 160 x 120 pixels: .2, .25, .3, .5
RELATIVE = [0.2, 0.25, 0.3, 0.5]


class RedThings(fom.Model):
    """Predicts the red rectangle of a frame; None where there is none."""

    def __init__(self, ragged_batches):
        self.ragged = ragged_batches
        self.calls = []
        self.entered = 0

    media_type = "image"
    transforms = None
    preprocess = False

    @property
    def ragged_batches(self):
        return self.ragged

    def __enter__(self):
        self.entered += 1
        return self

    def predict(self, arg):
        self.calls.append("one")
        return self._predict(arg)

    def predict_all(self, args):
        self.calls.append("all")
        return [self._predict(arg) for arg in args]

    @staticmethod
    def _predict(image):
        height, width = image.shape[:2]
        y, x = np.nonzero(image[..., 0] > 150)
        if len(x) == 0:
            return None
        low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()]) + 1
        box = np.r_[low, high - low] / [width, height, width, height]
        unsure = fo.Detection(label="thing", bounding_box=RELATIVE, confidence=0.25)
        return fo.Detections(detections=[fo.Detection(label="red", bounding_box=box), unsure])


class Classifier(RedThings):
    @staticmethod
    def _predict(image):
        return fo.Classification(label="red")


ZOO_MODULE = """
import fiftyone as fo
import fiftyone.core.models as fom

class EverywhereConfig(fom.ModelConfig):
    def __init__(self, d):
        self.label = self.parse_string(d, "label")
        self.device = self.parse_string(d, "device", default=None)

class Everywhere(fom.Model):
    media_type = "image"
    ragged_batches = False
    def __init__(self, config):
        self.config = config
    def predict(self, image):
        box = fo.Detection(label=self.config.label, bounding_box=[0, 0, 1, 1], confidence=0.5)
        return fo.Detections(detections=[box])

class KindsConfig(EverywhereConfig):
    pass

class Kinds(Everywhere):
    def predict(self, image):
        return fo.Classification(label=self.config.label)
"""


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """A zoo with two additional models."""
    (tmp_path / "e3m_test_zoo.py").write_text(ZOO_MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    entries = [
        {
            "base_name": kind.lower(),
            "date_added": "2026-01-01 00:00:00",
            "default_deployment_config_dict": {
                "type": f"e3m_test_zoo.{kind}",
                "config": {"label": "everything"},
            },
        }
        for kind in ("Everywhere", "Kinds")
    ]
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"models": entries}))
    monkeypatch.setattr(fo.config, "model_zoo_manifest_paths", [str(manifest)])


@pytest.fixture
def frames(draw):
    return [draw({"red": BOX}), draw({}), draw({"red": BOX}, size=(320, 240))]


@pytest.mark.parametrize("ragged_batches", [True, False])
def test_relative_boxes_become_pixels_of_their_own_frame(frames, ragged_batches):
    detections = ZooDetector(RedThings(ragged_batches), "red").detect(frames)
    assert [boxes.labels for boxes in detections] == [("red", "thing"), (), ("red", "thing")]
    assert detections[0].xyxy == pytest.approx(np.array([BOX, BOX]))
    assert detections[0].scores == pytest.approx([1, 0.25])
    assert detections[2].xyxy == pytest.approx(np.array([BOX, np.array(BOX) * 2]))


def test_a_model_that_takes_batches_is_asked_once(frames):
    model = RedThings(ragged_batches=False)
    ZooDetector(model, "red").detect(frames)
    assert model.calls == ["all"]
    assert model.entered == 1


def test_a_model_that_takes_no_batches_is_asked_frame_by_frame(frames):
    model = RedThings(ragged_batches=True)
    ZooDetector(model, "red").detect(frames)
    assert model.calls == ["one"] * 3
    assert model.entered == 1


@pytest.mark.parametrize("ragged_batches", [True, False])
def test_a_model_that_detects_nothing_by_nature_is_refused_by_name(frames, ragged_batches):
    with pytest.raises(DetectorError, match=r"'zoo:kinds' predicts Classification, not Detections"):
        ZooDetector(Classifier(ragged_batches), "kinds").detect(frames)


def test_a_model_of_the_zoo_is_loaded_by_name_and_run_over_a_video(zoo, tmp_path, draw_video):
    video = Video.open(draw_video(tmp_path / "v.mp4", [{}] * 10))
    detector = load_detector("zoo:everywhere")
    detections = detect([[frame for _, frame in video.read(np.arange(10))]], detector)
    assert detector.name == "zoo:everywhere"
    assert len(detections) == 10
    assert detections[9].labels == ("everything",)
    assert detections[9].xyxy.tolist() == [[0, 0, 160, 120]]


def test_a_model_of_the_zoo_is_put_on_the_device_that_was_asked_for(zoo, machine):
    machine(mps=True)
    assert load_detector("zoo:everywhere", device="mps")._model.config.device == "mps"
    assert load_detector("zoo:everywhere", device="cpu")._model.config.device == "cpu"


def test_a_model_of_the_zoo_that_detects_nothing_is_refused_when_it_is_loaded(zoo):
    with pytest.raises(DetectorError, match="'zoo:kinds' predicts Classification, not Detections"):
        load_detector("zoo:kinds")
