"""Tests the ultralytics detector with a real model and real videos."""

import shutil

import cv2
import numpy as np
import pytest
import torch

from fiftyone_e3m.boxes import iou_matrix
from fiftyone_e3m.candidates import load_detector
from fiftyone_e3m.candidates.ultralytics import UltralyticsDetector
from fiftyone_e3m.video import Video

pytestmark = pytest.mark.shared
pytest.importorskip("ultralytics", reason="needs the extra [ultralytics]")
pytest.importorskip("openvino", reason="the shared detector is an OpenVINO export")

CLIPS = {"davis_libby": "dog", "davis_car-shadow": "car", "davis_blackswan": "bird"}


@pytest.fixture(scope="module")
def detector(shared_models):
    return load_detector(str(shared_models / "yolo11n_int8_openvino_model"))


@pytest.fixture(scope="module")
def frames(shared_clip):
    """The first frame of each clip; all have the same size."""
    return [next(iter(Video.open(shared_clip(clip)[0]).read(np.array([0]))))[1] for clip in CLIPS]


def same(one, two):
    assert one.labels == two.labels
    assert one.xyxy == pytest.approx(two.xyxy, abs=0.01)
    assert one.scores == pytest.approx(two.scores, abs=1e-4)


def test_it_finds_the_object_of_each_clip(detector, frames, shared_clip):
    for (clip, label), boxes in zip(CLIPS.items(), detector.detect(frames), strict=True):
        x, y, w, h = shared_clip(clip)[1]["objects"][0]["boxes"]["0"]
        best = boxes.take([boxes.scores.argmax()])
        assert best.labels == (label,)
        assert iou_matrix(np.array([[x, y, x + w, y + h]], float), best.xyxy)[0, 0] > 0.7


def test_a_batch_gives_what_single_frames_give(detector, frames):
    for together, frame in zip(detector.detect(frames), frames, strict=True):
        (alone,) = detector.detect([frame])
        same(together, alone)


def test_frames_of_different_sizes_keep_their_own_pixels(detector, frames):
    small = cv2.resize(frames[0], (320, 180))
    large, little = detector.detect([frames[0], small])
    best = little.take([little.scores.argmax()])
    assert best.labels == ("dog",)
    assert best.xyxy * 2 == pytest.approx(large.xyxy[[large.scores.argmax()]], abs=20)


def test_nothing_is_carried_from_one_call_to_the_next(detector, frames):
    (before,) = detector.detect(frames[:1])
    detector.detect(frames[1:])
    (after,) = detector.detect(frames[:1])
    same(before, after)


def test_low_scores_are_kept_for_the_settings_to_decide(detector, frames):
    scores = np.concatenate([boxes.scores for boxes in detector.detect(frames)])
    assert scores.min() < 0.05
    assert scores.max() > 0.7


def test_a_frame_without_objects_gives_an_empty_result(detector, frames):
    grey = np.full_like(frames[0], 127)
    empty, full = detector.detect([grey, frames[0]])
    assert (empty.scores > 0.25).sum() == 0
    assert (full.scores > 0.25).sum() > 0


def test_colours_reach_the_model_as_in_ultralytics_own_reading_of_a_file(
    detector, frames, shared_models, tmp_path
):
    from ultralytics import YOLO

    path = tmp_path / "frame.png"
    cv2.imwrite(str(path), cv2.cvtColor(frames[0], cv2.COLOR_RGB2BGR))
    model = YOLO(str(shared_models / "yolo11n_int8_openvino_model"), task="detect")
    own = model.predict(str(path), conf=0.25, verbose=False)[0].boxes
    (ours,) = detector.detect(frames[:1])
    ours = ours.take(np.flatnonzero(ours.scores >= 0.25))
    assert ours.scores == pytest.approx(own.conf.numpy(), abs=1e-4)
    assert ours.xyxy == pytest.approx(own.xyxy.numpy(), abs=0.01)


def test_an_export_is_known_by_its_files(detector, shared_models, tmp_path):
    export = shared_models / "yolo11n_int8_openvino_model"
    copied = shutil.copytree(export, tmp_path / "copied_openvino_model")
    assert load_detector(str(copied)).fingerprint == detector.fingerprint
    (copied / "metadata.yaml").open("a").write("note: trained for longer")
    assert load_detector(str(copied)).fingerprint != detector.fingerprint


def test_torch_weights_are_known_by_their_values_and_settings(tmp_path):
    from ultralytics import YOLO

    def fingerprint(model):
        return UltralyticsDetector(model, "any").fingerprint

    model = YOLO("yolo11n.yaml")
    for name in ("one.pt", "two.pt"):
        model.save(tmp_path / name)
    one, two, large = (YOLO(tmp_path / name) for name in ("one.pt", "two.pt", "two.pt"))
    large.overrides["imgsz"] = 1280
    assert fingerprint(one) == fingerprint(two)
    assert len({fingerprint(one), fingerprint(large), fingerprint(YOLO("yolo11n.yaml"))}) == 3


def test_a_model_on_a_server_is_not_known():
    class Remote:
        model = "http://localhost:8000/yolo"

    assert UltralyticsDetector(Remote(), "remote").fingerprint is None


@pytest.mark.parametrize("n", [1, 2, 3])
def test_threads_of_torch_are_left_to_the_user(n):
    """On two cores ultralytics would leave only one to the encoder."""
    from ultralytics import YOLO

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(n)
        model = YOLO("yolo11n.yaml", task="detect")
        UltralyticsDetector(model, "random").detect([np.zeros((64, 64, 3), np.uint8)])
        assert torch.get_num_threads() == n
    finally:
        torch.set_num_threads(before)
