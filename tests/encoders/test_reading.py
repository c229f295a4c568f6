"""Pins what is said of encoders whose sentences transformers reads; a package is no network.

The core does without transformers; open_clip needs it for SigLIP, CLIPA, and multilingual models.
"""

import json
import subprocess
import sys

import open_clip
import pytest
from huggingface_hub import constants

from fiftyone_e3m.encoders import EncoderError, load_encoder, missing_reader

from ..hubs import go_online

SIGLIP = "ViT-B-16-SigLIP"
ROBERTA = "roberta-ViT-B-32"
"""With a tokenizer of transformers, and with a whole text tower of it."""
WITHOUT = """
import sys
sys.modules["transformers"] = None
from fiftyone_e3m.encoders import EncoderError, load_encoder
for spec in sys.argv[1:]:
    try:
        load_encoder(spec)
    except EncoderError as error:
        print(error)
"""


@pytest.fixture
def weights(tmp_path):
    """A file; what it takes to read sentences is asked for before it is read."""
    path = tmp_path / "weights.pt"
    path.write_text("not read")
    return path


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """No download is on this machine."""
    pytest.importorskip("transformers")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def lacks(spec, package):
    return (
        f"Encoder '{spec}' reads sentences with the package '{package}', which is not installed: "
        "pip install 'fiftyone-e3m[transformers]', or 'transformers[sentencepiece]' alone."
    )


@pytest.mark.parametrize("model", [SIGLIP, ROBERTA, "ViT-L-14-CLIPA"])
def test_a_missing_package_is_named_with_its_command_and_not_the_network(
    model, weights, monkeypatch
):
    monkeypatch.setitem(sys.modules, "transformers", None)
    go_online(monkeypatch)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # where nobody answers
    tag = open_clip.list_pretrained_tags_by_model(model)[0]
    for spec in (f"{model}/{weights}", f"{model}/{tag}", f"bf16:{model}/{tag}"):
        with pytest.raises(EncoderError) as error:
            load_encoder(spec)
        assert str(error.value) == lacks(spec, "transformers")


def test_a_folder_and_a_repository_say_it_too(tmp_path, monkeypatch):
    text = {"context_length": 16, "hf_tokenizer_name": "somebody/words"}
    config = {"model_cfg": {"embed_dim": 16, "vision_cfg": {}, "text_cfg": text}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setattr("open_clip.factory._get_hf_config", lambda *_, **__: config)
    for spec in (f"local-dir:{tmp_path}", "hf-hub:somebody/model"):
        with pytest.raises(EncoderError) as error:
            load_encoder(spec)
        assert str(error.value) == lacks(spec, "transformers")


@pytest.mark.slow
def test_it_is_so_in_a_program_that_never_had_transformers(weights):
    specs = [f"{model}/{weights}" for model in (SIGLIP, ROBERTA)]
    command = [sys.executable, "-c", WITHOUT, *specs]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [lacks(spec, "transformers") for spec in specs]


def test_a_file_of_sentencepiece_without_that_package_is_told_as_such(tmp_path, monkeypatch):
    """Without this, transformers asks for tiktoken, which does not help."""
    pytest.importorskip("transformers")
    text = {"context_length": 16, "hf_tokenizer_name": "google/mt5-base"}
    config = {"model_cfg": {"embed_dim": 16, "vision_cfg": {}, "text_cfg": text}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    (tmp_path / "config.json").write_text('{"model_type": "mt5"}')
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "T5Tokenizer"}')
    (tmp_path / "spiece.model").write_bytes(b"\x0a\x0e\x0a\x05<unk>")
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(EncoderError) as error:
        load_encoder(f"local-dir:{tmp_path}")
    assert str(error.value) == lacks(f"local-dir:{tmp_path}", "sentencepiece")


@pytest.mark.parametrize(
    ("model", "part", "repository"),
    [(SIGLIP, "tokenizer", "timm/ViT-B-16-SigLIP"), (ROBERTA, "text tower", "roberta-base")],
)
def test_files_that_cannot_be_fetched_are_named_and_the_weights_not_blamed(
    model, part, repository, weights, empty_cache
):
    message = rf"The {part} of encoder .* could not be loaded.*'{repository}'.*local-dir"
    with pytest.raises(EncoderError, match=message) as error:
        load_encoder(f"{model}/{weights}")
    assert "The weights" not in str(error.value)
    assert "pip install" not in str(error.value)


def test_what_is_to_be_fetched_is_known_before(weights, empty_cache):
    def put(repository, name):
        place = empty_cache / f"models--{repository.replace('/', '--')}"
        (place / "snapshots" / "abc").mkdir(parents=True, exist_ok=True)
        (place / "snapshots" / "abc" / name).touch()
        (place / "refs").mkdir(exist_ok=True)
        (place / "refs" / "main").write_text("abc")

    missing = missing_reader(f"{ROBERTA}/{weights}")
    assert (missing.part, missing.source) == ("tokenizer", "Hugging Face, roberta-base")
    put("roberta-base", "tokenizer.json")
    assert missing_reader(f"{ROBERTA}/{weights}").part == "text tower"
    put("roberta-base", "config.json")
    assert missing_reader(f"{ROBERTA}/{weights}") is None
    assert missing_reader(f"ViT-B-32/{weights}") is None
    assert missing_reader("bundled") is None
