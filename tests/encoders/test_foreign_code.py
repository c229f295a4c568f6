"""Pins that a model's own program code does not run unless the caller says so.

The code in these folders leaves a file behind when it runs.
"""

import json
import sys

import open_clip
import pytest
import torch

from fiftyone_e3m.encoders import EncoderError, load_encoder

pytest.importorskip("transformers")

CONTEXT = 16
CODE = """
from pathlib import Path
from transformers import {base}

Path({mark!r}).touch()

class Own({base}):
    model_type = "own"
"""


class Touch:
    """A pickle of it creates a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return type(self.path).touch, (self.path,)


@pytest.fixture
def mark(tmp_path):
    """The file that exists if foreign code has run."""
    return tmp_path / "it ran"


@pytest.fixture(autouse=True)
def modules(tmp_path, monkeypatch):
    """Transformers copies code into a folder of its own before it runs it."""
    from transformers import dynamic_module_utils

    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr("builtins.input", lambda question: "yes")  # it asks at a terminal


@pytest.fixture
def folder(tmp_path, words):
    """`folder(text={...})`: a model folder as open_clip saves it, with a tokenizer of words."""
    folder = tmp_path / "model"

    def save(**text):
        folder.mkdir(exist_ok=True)
        config = {
            "embed_dim": 16,
            "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
            "text_cfg": {
                "context_length": CONTEXT,
                "vocab_size": 64,
                "width": 32,
                "heads": 2,
                "layers": 1,
                "hf_tokenizer_name": "somebody/words",
                **text,
            },
        }
        words.save_pretrained(folder)
        model = open_clip.CLIP(**config)
        torch.save(model.state_dict(), folder / "open_clip_pytorch_model.bin")
        (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
        return folder

    return save


def give_code(folder, mark, file, key, base):
    """Adds code to a folder, and the entry of a configuration file that points to it."""
    (folder / "own.py").write_text(CODE.format(base=base, mark=str(mark)))
    path = folder / file
    config = json.loads(path.read_text()) if path.exists() else {}
    name = ["own.Own", None] if key == "AutoTokenizer" else "own.Own"
    config["auto_map"] = {key: name}
    if key == "AutoTokenizer":
        config["tokenizer_class"] = "Own"
    path.write_text(json.dumps({"model_type": "own", **config}))


@pytest.fixture
def asking(folder, mark):
    """A folder whose tokenizer has code and asks to be trusted."""
    made = folder(tokenizer_kwargs={"trust_remote_code": True})
    give_code(made, mark, "tokenizer_config.json", "AutoTokenizer", "PreTrainedTokenizerFast")
    return made


def test_a_tokenizer_that_asks_to_be_trusted_is_refused(asking, mark):
    with pytest.raises(EncoderError, match=r"brings program code.*trust_remote_code=True"):
        load_encoder(f"local-dir:{asking}")
    assert not mark.exists()


def test_the_caller_can_trust_it(asking, mark):
    encoder = load_encoder(f"local-dir:{asking}", trust_remote_code=True)
    assert mark.exists()
    assert encoder.encode_texts(["a dog"]).shape == (1, 16)


def test_a_tokenizer_with_code_that_does_not_ask_is_refused_without_a_question(folder, mark):
    made = folder()
    give_code(made, mark, "tokenizer_config.json", "AutoTokenizer", "PreTrainedTokenizerFast")
    with pytest.raises(EncoderError, match="brings program code"):
        load_encoder(f"local-dir:{made}")
    assert not mark.exists()


def test_a_text_tower_with_code_is_refused_without_a_question(folder, mark, tmp_path):
    tower = tmp_path / "tower"
    tower.mkdir()
    give_code(tower, mark, "config.json", "AutoConfig", "PretrainedConfig")
    made = folder()
    config = json.loads((made / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["hf_model_name"] = str(tower)
    (made / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(EncoderError, match="brings program code"):
        load_encoder(f"local-dir:{made}")
    assert not mark.exists()


@pytest.mark.parametrize("place", ["tokenizer", "asks"])
def test_a_repository_of_the_hub_is_held_to_the_same(asking, mark, place, monkeypatch):
    """The hub is replaced by a function that returns the folder's files."""
    from open_clip import factory

    config = json.loads((asking / "open_clip_config.json").read_text())
    text = config["model_cfg"]["text_cfg"]
    text["hf_tokenizer_name"] = str(asking)
    if place == "tokenizer":
        del text["tokenizer_kwargs"]
    weights = asking / "open_clip_pytorch_model.bin"
    monkeypatch.setattr(factory, "_get_hf_config", lambda *_, **__: json.loads(json.dumps(config)))
    monkeypatch.setattr(factory, "download_pretrained_from_hf", lambda *_, **__: str(weights))
    with pytest.raises(EncoderError, match="'hf-hub:somebody/model' brings program code"):
        load_encoder("hf-hub:somebody/model")
    assert not mark.exists()
    assert load_encoder("hf-hub:somebody/model", trust_remote_code=True).image_size == (32, 32)
    assert mark.exists()


@pytest.mark.parametrize("trust", [True, False])
@pytest.mark.parametrize("way", ["folder", "file"])
def test_weights_that_call_a_function_are_refused(folder, mark, way, trust):
    made = folder()
    weights = made / "open_clip_pytorch_model.bin"
    torch.save({"state_dict": Touch(mark)}, weights)
    spec = f"local-dir:{made}" if way == "folder" else f"ViT-S-32-alt/{weights}"
    with pytest.raises(EncoderError, match="could not be loaded"):
        load_encoder(spec, trust_remote_code=trust)
    assert not mark.exists()


def test_a_tokenizer_of_known_kind_is_loaded_as_before(folder):
    encoder = load_encoder(f"local-dir:{folder()}")
    assert encoder.encode_texts(["a dog", "a cat"]).shape == (2, 16)
