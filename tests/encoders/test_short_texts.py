"""Tests that skipping the padding of texts changes only the time."""

import copy

import open_clip
import pytest
import torch

from fiftyone_e3m.encoders.short_texts import encode_text

TEXTS = ["a dog", "a man in a dark suit walks past the parked cars and waves", "", "word " * 200]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return open_clip.create_model("ViT-S-32-alt").eval()


@pytest.fixture(scope="module")
def tokens():
    return open_clip.get_tokenizer("ViT-S-32-alt")(TEXTS)


def unit(x):
    return torch.nn.functional.normalize(x, dim=-1)


@pytest.mark.parametrize("rows", [[0], [1], [0, 1], [2], [3], [0, 1, 2, 3]], ids=str)
@torch.inference_mode()
def test_features_are_those_of_the_whole_context(model, tokens, rows):
    whole = unit(model.encode_text(tokens[rows]))
    assert unit(encode_text(model, tokens[rows])) == pytest.approx(whole, abs=1e-6)


@torch.inference_mode()
def test_padding_is_not_computed(model, tokens):
    lengths = []
    hook = model.transformer.register_forward_hook(
        lambda _, given, out: lengths.append(out.shape[1])
    )
    encode_text(model, tokens[:1])
    hook.remove()
    assert lengths == [4], "start, 'a', 'dog', end"
    assert model.positional_embedding.shape[0] == model.attn_mask.shape[0] == 77


@torch.inference_mode()
def test_models_that_answer_by_name_are_read_by_name(model, tokens, monkeypatch):
    plain = encode_text(model, tokens)
    monkeypatch.setattr(model, "output_dict", True)
    assert torch.equal(encode_text(model, tokens), plain)


@pytest.mark.parametrize("change", ["not causal", "reads the last token", "another class"])
@torch.inference_mode()
def test_other_towers_are_run_as_they_are(model, tokens, monkeypatch, change):
    model = copy.deepcopy(model)
    if change == "not causal":
        model.attn_mask = None
    elif change == "reads the last token":
        model.text_pool_type = "last"
    else:
        monkeypatch.setattr(open_clip, "CLIP", type("Other", (), {}))
    assert torch.equal(encode_text(model, tokens), model.encode_text(tokens))
