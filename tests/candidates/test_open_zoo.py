"""Pins that models of FiftyOne's zoo which take text are asked for what the sentences are about.

The networks are real, built from their configurations, with random weights.
"""

import json

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.candidates import Survey, TextDetector, load_detector
from fiftyone_e3m.video import Video

from .zero_shot import SIZE, grounding_dino, omdet, owl

CONFIG = e3m.E3MConfig(shots=False, sample_fps=1, conf=0.1)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """`zoo("name", type, config)`: adds an entry to FiftyOne's zoo and loads it by its name."""
    manifest, entries = tmp_path_factory.mktemp("zoo") / "manifest.json", []

    def load(name, kind, config):
        deployment = {"type": f"fiftyone.utils.{kind}", "config": config}
        entries.append(
            {
                "base_name": name,
                "date_added": "2026-01-01 00:00:00",
                "default_deployment_config_dict": deployment,
            }
        )
        manifest.write_text(json.dumps({"models": entries}))
        return load_detector(f"zoo:{name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fo.config, "model_zoo_manifest_paths", [str(manifest)])
        yield load


@pytest.fixture(
    scope="module", params=[grounding_dino, omdet, owl], ids=lambda build: build.__name__
)
def detector(request, tmp_path_factory, zoo):
    """A small network of each kind of transformers that FiftyOne's zoo has."""
    folder = tmp_path_factory.mktemp("network")
    request.param(folder)
    kind = "transformers.FiftyOneZeroShotTransformerForObjectDetection"
    return zoo(f"tiny-{request.param.__name__}", kind, {"name_or_path": str(folder)})


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8) for _ in range(2)]


def scores(detections):
    return np.concatenate([boxes.scores for boxes in detections])


def test_the_text_reaches_the_network(detector, frames):
    assert isinstance(detector, TextDetector)
    dog, cat = (detector.prompted([word]).detect(frames) for word in ("dog", "cat"))
    assert len(scores(dog)) > 0
    assert scores(dog).tolist() != pytest.approx(scores(cat).tolist(), abs=1e-3)
    assert {label for boxes in dog for label in boxes.labels} <= {"dog", ""}
    again = detector.prompted(["dog"]).detect(frames)
    slack = 1e-6 if "omdet" in detector.name else 0  # asked again, OmDet rounds otherwise
    assert scores(again).tolist() == pytest.approx(scores(dog).tolist(), rel=0, abs=slack)


def test_another_prompt_finds_its_own_cache_entry(detector, frames, tmp_path, draw_video, cache):
    video = Video.open(draw_video(tmp_path / "v.mp4", frames * 5, size=(SIZE, SIZE)))

    def look(*prompts):
        before = cache.info().entries
        survey = Survey.of(video, detector, CONFIG, cache, prompts=prompts)
        return scores(survey.detections).tolist(), cache.info().entries - before

    dog, made = look("dog")
    assert made == 1
    cat, made = look("cat")
    assert made == 1
    assert cat != dog
    assert look("dog") == (dog, 0)


def test_the_weights_are_loaded_once_for_all_prompts(detector):
    networks = {id(detector.prompted([word])._model._model) for word in ("dog", "cat")}
    assert networks == {id(detector._model._model)}


def test_ultralytics_models_of_the_zoo_are_asked_as_well(zoo, world, text_encoder, frames):
    config = {
        "entrypoint_fcn": "ultralytics.YOLO",
        "model_path": world,
        "output_processor_cls": "fiftyone.utils.ultralytics.UltralyticsDetectionOutputProcessor",
    }
    detector = zoo("tiny-world", "ultralytics.FiftyOneYOLOModel", config)
    assert isinstance(detector, TextDetector)
    dog, cat = (detector.prompted([word]).detect(frames) for word in ("dog", "cat"))
    assert {label for boxes in dog for label in boxes.labels} == {"dog"}
    assert {label for boxes in cat for label in boxes.labels} == {"cat"}
    assert scores(dog).tolist() != scores(cat).tolist()
