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

SIZE = 64
CONFIG = e3m.E3MConfig(shots=False, sample_fps=1, conf=0.1)
WORDS = ["dog", "cat", "object", "label", "_", "0", "1", "."]


@pytest.fixture(scope="module")
def grounding_dino(tmp_path_factory):
    """A folder with a small Grounding DINO and its processor."""
    import torch
    from transformers import (
        BertConfig,
        BertTokenizerFast,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
        SwinConfig,
    )

    folder = tmp_path_factory.mktemp("dino")
    vocabulary = folder / "vocab.txt"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary.write_text("\n".join([*special, *WORDS]))
    torch.manual_seed(0)
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    layers = {"encoder_layers": 1, "decoder_layers": 2, "num_queries": 8}
    model = GroundingDinoForObjectDetection(
        GroundingDinoConfig(
            backbone_config=SwinConfig(
                image_size=SIZE,
                embed_dim=8,
                depths=[1, 1, 1, 1],
                num_heads=[1, 1, 2, 2],
                window_size=2,
                out_features=["stage2", "stage3", "stage4"],
            ),
            text_config=BertConfig(
                vocab_size=len(special + WORDS),
                hidden_size=32,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=32,
            ),
            d_model=64,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            **heads,
            **layers,
        )
    )
    model.save_pretrained(folder)
    size = {"shortest_edge": SIZE, "longest_edge": SIZE}
    GroundingDinoProcessor(
        GroundingDinoImageProcessor(size=size), BertTokenizerFast(str(vocabulary))
    ).save_pretrained(folder)
    return folder


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


@pytest.fixture(scope="module")
def detector(grounding_dino, zoo):
    kind = "transformers.FiftyOneZeroShotTransformerForObjectDetection"
    return zoo("tiny-dino", kind, {"name_or_path": str(grounding_dino)})


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
    assert scores(dog).tolist() != scores(cat).tolist()
    assert {label for boxes in dog for label in boxes.labels} <= {"dog", ""}
    again = detector.prompted(["dog"]).detect(frames)
    assert scores(again).tolist() == scores(dog).tolist()


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
