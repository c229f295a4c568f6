"""Tests the ultralytics detector on small real networks of every task, with random weights.

What it must not do: run code of a file, install packages, lose boxes.
"""

import itertools
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

pytest.importorskip("ultralytics", reason="needs the extra [ultralytics]")

from fiftyone_e3m.candidates import DetectorError, Survey, load_detector
from fiftyone_e3m.candidates.ultralytics import UltralyticsDetector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.video import Video

WITH_BOXES = {
    "detect": "yolo11n",
    "segment": "yolo11n-seg",
    "pose": "yolo11n-pose",
    "obb": "yolo11n-obb",
}
WITHOUT = {"classify": "yolo11n-cls", "semantic": "yolo26n-sem", "depth": "yolo26n-depth"}
SIZE = 64


class Touch:
    """A pickle of it creates a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return type(self.path).touch, (self.path,)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """`network("obb")`: path of a network of that task that finds boxes everywhere."""
    from ultralytics import YOLO

    folder, made = tmp_path_factory.mktemp("networks"), {}

    def of(task):
        if task not in made:
            torch.manual_seed(0)
            model = YOLO({**WITH_BOXES, **WITHOUT}[task] + ".yaml")
            head = model.model.model[-1]
            for layers in getattr(head, "cv3", ()):  # untrained, it would find nothing
                torch.nn.init.constant_(layers[-1].bias, -1)
            if task == "pose":  # which training sets
                model.model.kpt_shape = model.model.yaml["kpt_shape"]
            model.ckpt = {"train_args": {"imgsz": SIZE}}
            made[task] = folder / f"best_{len(made)}.pt"
            model.save(made[task])
        return made[task]

    return of


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8) for _ in range(3)]


def own(path, frames, kind):
    """Ultralytics' own boxes: corners and scores."""
    from ultralytics import YOLO

    results = YOLO(path).predict([f[..., ::-1] for f in frames], conf=0.01, verbose=False)
    return [(getattr(r, kind).xyxy.numpy(), getattr(r, kind).conf.numpy()) for r in results]


@pytest.mark.parametrize("task", WITH_BOXES)
def test_boxes_are_taken_where_a_task_has_some(network, frames, task):
    detections = load_detector(str(network(task))).detect(frames)
    truth = own(network(task), frames, "obb" if task == "obb" else "boxes")
    for boxes, (xyxy, scores) in zip(detections, truth, strict=True):
        assert len(boxes) == len(xyxy) > 0
        assert boxes.scores == pytest.approx(scores, abs=1e-4)
        assert boxes.xyxy == pytest.approx(xyxy, abs=0.01)


class OnDevices:
    """Stands in for an `ultralytics.YOLO`; notes where it was asked to run."""

    def __init__(self, machine):
        self.machine, self.ran = machine, []

    def predict(self, frames, device, **options):
        self.ran.append((str(device), self.machine.current[-1]))
        return [SimpleNamespace(obb=None, boxes=[], speed={"postprocess": 0.0}) for _ in frames]


def test_a_network_runs_on_its_own_device_and_leaves_torchs_current_one_as_it_was(machine, frames):
    two = machine(cuda=2)
    model = OnDevices(two)
    UltralyticsDetector(model, "any", device=torch.device("cuda:1")).detect(frames)
    assert model.ran == [("cuda:1", "cuda:1")]
    assert two.current == ["outside"]


def test_cached_boxes_are_shared_by_devices_of_one_kind(machine, network):
    from ultralytics import YOLO

    machine(cuda=2)

    def fingerprint(name):
        return UltralyticsDetector(
            YOLO(network("detect")), "any", device=torch.device(name)
        ).fingerprint

    assert fingerprint("cuda:0") == fingerprint("cuda:1") != fingerprint("cpu")


@pytest.mark.slow
@pytest.mark.parametrize("task", ["segment", "pose", "obb"])
def test_an_export_is_read_as_what_it_is_whatever_its_name(network, frames, task, tmp_path):
    from ultralytics import YOLO

    path = tmp_path / "best.torchscript"
    exported = YOLO(network(task)).export(format="torchscript", imgsz=SIZE, verbose=False)
    Path(exported).rename(path)
    (boxes,) = load_detector(str(path)).detect(frames[:1])
    assert len(boxes) > 0
    assert np.isfinite(boxes.xyxy).all()


@pytest.mark.parametrize("task", WITHOUT)
def test_a_task_without_boxes_is_refused_by_name_when_it_is_loaded(network, task):
    with pytest.raises(DetectorError, match=rf"task '{task}', which gives no boxes"):
        load_detector(str(network(task)))


@pytest.mark.parametrize("name", ["yolo11n.yaml", "own.yml", "OWN.YAML"])
def test_a_network_without_weights_is_refused(name, tmp_path):
    path = tmp_path / name
    mark = tmp_path / "it ran"
    network = "backbone: [[-1, 1, Conv, [8, 3, 2]]]\nhead: [[[0], 1, Detect, [nc]]]\nnc: 2\n"
    path.write_text(f"{network}activation: __import__('pathlib').Path({str(mark)!r}).touch()\n")
    for spec in (str(path), name):
        with pytest.raises(DetectorError, match="a network without weights"):
            load_detector(spec)
    assert not mark.exists()


# Foreign code


@pytest.fixture(params=["zip", "old format", "inside a network"])
def hostile(request, tmp_path, network):
    """A weights file whose pickle calls a function, and the file that appears if it does."""
    mark, path = tmp_path / "it ran", tmp_path / "best.pt"
    if request.param == "inside a network":
        checkpoint = torch.load(network("detect"), weights_only=False)
        checkpoint["model"].surprise = Touch(mark)
        torch.save(checkpoint, path)
    else:
        zipped = request.param == "zip"
        torch.save({"model": Touch(mark)}, path, _use_new_zipfile_serialization=zipped)
        assert zipfile.is_zipfile(path) == zipped
    return path, mark


def test_a_pickle_that_calls_a_function_is_refused(hostile):
    path, mark = hostile
    with pytest.raises(DetectorError, match=r"could not be loaded.*trust_remote_code=True"):
        load_detector(str(path))
    assert not mark.exists()


def test_the_caller_can_trust_a_pickle(network, tmp_path):
    mark, path = tmp_path / "it ran", tmp_path / "best.pt"
    checkpoint = torch.load(network("detect"), weights_only=False)
    checkpoint["model"].surprise = Touch(mark)
    torch.save(checkpoint, path)
    assert load_detector(str(path), trust_remote_code=True).name == str(path)
    assert mark.exists()


def test_ultralytics_of_the_user_is_left_as_it_was(hostile, network):
    from ultralytics.nn import tasks
    from ultralytics.utils import checks

    before = tasks.SAFE_LOAD, checks.AUTOINSTALL
    load_detector(str(network("detect")))
    with pytest.raises(DetectorError):
        load_detector(str(hostile[0]))
    assert before == (tasks.SAFE_LOAD, checks.AUTOINSTALL)


@pytest.mark.parametrize(
    ("suffix", "package"),
    [(".onnx", "onnxruntime"), (".mnn", "MNN"), (".tflite", "ai_edge_litert")],
)
def test_a_missing_runtime_is_named_and_never_installed(tmp_path, monkeypatch, suffix, package):
    from ultralytics.utils import checks

    commands = []
    monkeypatch.setattr(checks, "ONLINE", True)
    monkeypatch.setattr(checks, "AUTOINSTALL", True)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(subprocess, "check_output", lambda *a, **k: commands.append(a) or "")
    path = tmp_path / f"best{suffix}"
    path.write_bytes(b"an export")
    with pytest.raises(DetectorError, match=f"'{package}.*'|could not be loaded"):
        load_detector(str(path))
    assert not [c for c in commands if "install" in str(c)]


# The clock


def test_a_batch_that_was_cut_short_by_the_clock_is_done_again(network, frames, monkeypatch):
    from ultralytics.utils import nms, ops

    detector = load_detector(str(network("detect")))
    whole = [len(boxes) for boxes in detector.detect(frames)]
    assert min(whole) > 0
    clock = itertools.count(step=10)  # each look at the clock is ten seconds later
    slow = SimpleNamespace(time=lambda: next(clock), perf_counter=lambda: next(clock))
    monkeypatch.setattr(nms, "time", slow)
    monkeypatch.setattr(ops, "time", slow)
    direct = detector._model.predict([f[..., ::-1] for f in frames], conf=0.01, verbose=False)
    assert [len(result.boxes) for result in direct] == [whole[0], 0, 0], "the fault is not there"
    assert [len(boxes) for boxes in detector.detect(frames)] == whole


def test_boxes_that_the_clock_cut_are_not_cached(
    network, frames, draw_video, cache, tmp_path, monkeypatch
):
    from ultralytics.utils import nms, ops

    video = Video.open(draw_video(tmp_path / "v.mp4", frames, 10))
    detector, config = load_detector(str(network("detect"))), E3MConfig(sample_fps=10, shots=False)
    whole = [len(boxes) for boxes in Survey.of(video, detector, config).detections]
    assert min(whole) > 0
    clock = itertools.count(step=10)
    slow = SimpleNamespace(time=lambda: next(clock), perf_counter=lambda: next(clock))
    with monkeypatch.context() as patch:
        patch.setattr(nms, "time", slow)
        patch.setattr(ops, "time", slow)
        Survey.of(video, detector, config, cache)
    monkeypatch.setattr(detector, "detect", lambda _: pytest.fail("nothing was cached"))
    cached = Survey.of(video, detector, config, cache)
    assert [len(boxes) for boxes in cached.detections] == whole


def test_a_version_without_safe_loading_is_refused(network, monkeypatch):
    from ultralytics.nn import tasks

    path = str(network("detect"))
    monkeypatch.delattr(tasks, "SAFE_LOAD")
    with pytest.raises(DetectorError, match="pip install --upgrade"):
        load_detector(path)
