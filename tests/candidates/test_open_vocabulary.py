"""Pins that ultralytics models which take text are asked for what the sentences are about.

The networks are real, built from ultralytics' own descriptions, with random weights.
"""

import subprocess
import sys

import fiftyone as fo
import numpy as np
import pytest

pytest.importorskip("ultralytics", reason="needs the extra [ultralytics]")

import fiftyone_e3m as e3m
from fiftyone_e3m.candidates import DetectorError, Survey, TextDetector, load_detector
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video

SIZE = 64
CONFIG = e3m.E3MConfig(shots=False, sample_fps=2, conf=0.1)


@pytest.fixture(scope="module")
def yoloe(network):
    """Path of a small YOLOE that segments."""
    return network("yoloe-11n-seg.yaml")


@pytest.fixture(scope="module")
def detector(world, text_encoder):
    return load_detector(world)


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8) for _ in range(2)]


@pytest.fixture
def video(tmp_path, frames, draw_video):
    return Video.open(draw_video(tmp_path / "v.mp4", frames * 5, size=(SIZE, SIZE)))


def labels(detections):
    return {label for boxes in detections for label in boxes.labels}


@pytest.mark.parametrize("weights", ["world", "yoloe"])
def test_what_is_asked_for_is_found(weights, text_encoder, frames, request):
    detector = load_detector(request.getfixturevalue(weights))
    assert isinstance(detector, TextDetector)
    found = {}
    for prompts in (["dog"], ["cat", "dog"], ["dog"]):  # a fused model could not change them
        detections = detector.prompted(prompts).detect(frames)
        assert labels(detections)
        assert labels(detections) <= set(prompts)
        found.setdefault(tuple(prompts), []).append(np.concatenate([b.scores for b in detections]))
    before, again = found["dog",]
    assert again.tolist() == before.tolist()
    (cat_or_dog,) = found["cat", "dog"]
    assert cat_or_dog.tolist() != before.tolist(), "the text reaches the network"


def test_without_prompts_it_finds_the_classes_that_it_was_saved_with(detector, frames):
    assert labels(detector.detect(frames))
    assert labels(detector.detect(frames)) <= {str(number) for number in range(80)}


def test_another_prompt_finds_its_own_cache_entry(detector, video, cache):
    def look(*prompts):
        before = cache.info().entries
        survey = Survey.of(video, detector, CONFIG, cache, prompts=prompts)
        return labels(survey.detections), cache.info().entries - before

    assert look("dog") == ({"dog"}, 1)
    assert look("cat") == ({"cat"}, 1)
    assert look("dog") == ({"dog"}, 0)


def test_the_cache_of_another_process_is_found(detector, world):
    again = load_detector(world)
    assert again.prompted(["dog"]).fingerprint == detector.prompted(["dog"]).fingerprint
    prints = [detector.prompted(p).fingerprint for p in (["dog"], ["cat"], ["cat", "dog"])]
    assert len({*prints, detector.fingerprint}) == 4


def test_all_sentences_of_a_video_and_the_classes_are_asked_for(detector, video, fake_encoder):
    config = CONFIG.model_copy(update={"classes": ("tree",)})
    pipeline = Pipeline(fake_encoder, config)
    sentences = ["a white dog runs", "the lady in red", "a brown dog"]
    survey = pipeline.survey(video, detector, queries=sentences)
    assert survey.prompts == ("dog", "lady", "tree")
    assert labels(survey.detections)
    assert labels(survey.detections) <= {"dog", "lady", "tree"}
    scene = pipeline.look(survey)
    assert set(scene.evidence.tracks.label) - {"tree"}, "not only the classes are candidates"


def test_a_run_asks_each_video_for_its_own_subjects(world, text_encoder, video, fake_encoder):
    dataset = fo.Dataset()
    said = ["a white dog", "the cat"]
    dataset.add_samples([fo.Sample(filepath=str(video.path), said=each) for each in said])
    e3m.ground(
        dataset,
        query_field="said",
        detector=world,
        encoder=fake_encoder,
        config=CONFIG,
        cache=False,
    )
    dataset.reload()
    names = dataset.values("frames.e3m.detections.class_name")
    assert [{n for frame in frames if frame for n in frame} for frames in names] == [
        {"dog"},
        {"cat"},
    ]
    dataset.delete()


def test_that_nothing_of_this_kind_was_found_is_told(detector, video, fake_encoder):
    class Blind:
        name = "blind"

        def detect(self, frames):
            return []

        def prompted(self, prompts):
            return Sees()

    class Sees(Blind):
        def detect(self, frames):
            from fiftyone_e3m.boxes import Boxes

            return [Boxes.none() for _ in frames]

    _, notes = Pipeline(fake_encoder, CONFIG).run(video, Blind(), ["a coin spins"])
    assert any(note.startswith("No box of 'coin' was found in any of the") for note in notes)


def test_prompt_free_yoloe_keeps_its_vocabulary(yoloe, text_encoder, frames, tmp_path):
    from ultralytics import YOLO

    model, names = YOLO(yoloe), ["ant", "bee", "cow"]
    model.model.args["imgsz"] = SIZE
    model.set_vocab(model.get_vocab(names), names)
    model.ckpt = {"train_args": {"imgsz": SIZE}}
    model.save(tmp_path / "free.pt")
    detector = load_detector(str(tmp_path / "free.pt"))
    assert not isinstance(detector, TextDetector)
    assert labels(detector.detect(frames)) <= set(names)


def test_a_missing_text_encoder_is_named_and_never_installed(world, monkeypatch):
    from ultralytics.utils import checks

    commands = []
    monkeypatch.setattr(checks, "ONLINE", True)
    monkeypatch.setattr(checks, "AUTOINSTALL", True)
    monkeypatch.setitem(sys.modules, "clip", None)
    monkeypatch.delitem(sys.modules, "ultralytics.nn.text_model", raising=False)
    monkeypatch.setattr(subprocess, "check_output", lambda *a, **k: commands.append(a) or "")
    with pytest.raises(DetectorError, match=r"needs the package 'clip', .*: pip install git"):
        load_detector(world)
    assert not [c for c in commands if "install" in str(c)]
