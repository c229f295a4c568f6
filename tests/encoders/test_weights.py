"""Pins what is known of weights before they are loaded, and that a silent hub costs little.

The hub is a server of the test, which counts the requests.
"""

import open_clip
import pytest
from huggingface_hub import constants

from fiftyone_e3m.encoders import EncoderError, load_encoder, missing_weights
from fiftyone_e3m.encoders.weights import KNOWN
from fiftyone_e3m.request import DEFAULT_ENCODER

from ..hubs import go_online, serving

MODEL, TAG = DEFAULT_ENCODER.split("/")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of downloads, empty; the network is not switched off."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    go_online(monkeypatch)
    return tmp_path


@pytest.fixture
def hub(monkeypatch):
    """`hub.answers` decides whether it answers (404) or hangs up; `hub.asked` counts requests."""
    with serving(monkeypatch, answers=True) as served:
        yield served


def put(folder, repository, name):
    """A file as Hugging Face's client keeps a download."""
    place = folder / f"models--{repository.replace('/', '--')}"
    (place / "snapshots" / "abc").mkdir(parents=True)
    (place / "snapshots" / "abc" / name).touch()
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc")


def test_weights_that_are_not_on_disk_are_named_with_their_size(folder):
    missing = missing_weights(DEFAULT_ENCODER)
    assert str(missing) == (
        "ViT-B-32/laion2b_s34b_b79k (605 MB, from Hugging Face, "
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K)"
    )
    put(folder, "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "open_clip_model.safetensors")
    assert missing_weights(DEFAULT_ENCODER) is None
    assert missing_weights(f"bf16:{DEFAULT_ENCODER}") is None


def test_any_other_tag_and_repository_is_known_too(folder):
    spec = "ViTamin-S/datacomp1b"
    assert "jienengchen/ViTamin-S" in str(missing_weights(spec))
    put(folder, "jienengchen/ViTamin-S", "pytorch_model.bin")
    assert missing_weights(spec) is None
    assert missing_weights("hf-hub:somebody/model").source == "Hugging Face, somebody/model"


def test_nothing_is_missing_where_nothing_is_downloaded(tmp_path):
    (tmp_path / "weights.pt").touch()
    for spec in ("bundled", "local-dir:/nowhere", f"ViT-B-32/{tmp_path}/weights.pt", "nope/nope"):
        assert missing_weights(spec) is None, spec


def test_the_default_encoder_is_where_open_clip_says():
    for spec, (repository, _) in KNOWN.items():
        assert open_clip.get_pretrained_cfg(*spec.split("/"))["hf_hub"] == f"{repository}/"
    assert DEFAULT_ENCODER in KNOWN


def test_a_hub_that_does_not_answer_is_asked_once(hub):
    hub.answers = False
    with pytest.raises(EncoderError, match=r"does not answer.*Without a network.*'bundled'"):
        load_encoder(DEFAULT_ENCODER)
    assert hub.asked == 1


def test_a_hub_that_answers_is_asked_for_the_weights(hub):
    with pytest.raises(EncoderError, match="could not be loaded"):
        load_encoder(DEFAULT_ENCODER)
    assert hub.asked > 1
