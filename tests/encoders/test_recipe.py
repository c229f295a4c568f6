"""Pins that a checkpoint is computed with the activation and the constants it was trained with.

Wrong ones give well-formed vectors that mean less, which nobody would notice.
"""

import json

import numpy as np
import open_clip
import pytest
import torch
from open_clip import factory, pretrained

from fiftyone_e3m.encoders import load_encoder
from fiftyone_e3m.encoders.recipe import Recipe

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 16, "width": 32, "heads": 2, "layers": 2},
}
CLIP = {"mean": pretrained.OPENAI_DATASET_MEAN, "std": pretrained.OPENAI_DATASET_STD}
HALF = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
TAGS = {m: open_clip.list_pretrained_tags_by_model(m) for m in open_clip.list_models()}
PAIRS = [(model, tag) for model, tags in TAGS.items() for tag in tags]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Random weights of the tiny model, large enough for the activation to matter."""
    torch.manual_seed(0)
    state = {k: 3 * v for k, v in open_clip.CLIP(**TINY).state_dict().items()}
    path = tmp_path_factory.mktemp("tiny") / "weights.pt"
    torch.save(state, path)
    return path


@pytest.fixture
def tiny(monkeypatch, weights):
    """`tiny(one={...}, other={...})`: open_clip knows the tiny model, with these tags."""

    def known(**tags):
        monkeypatch.setitem(factory._MODEL_CONFIGS, "tiny", TINY)
        monkeypatch.setitem(pretrained._PRETRAINED, "tiny", tags)
        monkeypatch.setattr(factory, "download_pretrained", lambda *_, **__: str(weights))

    return known


def features(spec):
    encoder = load_encoder(spec)
    picture = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8)
    return np.concatenate([encoder.encode_images(picture), encoder.encode_texts(["a red dog"])])


def true_features(weights, quick_gelu, constants, tmp_path):
    """Those of a folder that says itself how to compute them."""
    config = {"model_cfg": {**TINY, "quick_gelu": quick_gelu}, "preprocess_cfg": constants}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    (tmp_path / "open_clip_pytorch_model.bin").write_bytes(weights.read_bytes())
    return features(f"local-dir:{tmp_path}")


@pytest.mark.parametrize("by", ["tag", "file"])
@pytest.mark.parametrize("quick_gelu", [True, False])
@pytest.mark.parametrize("constants", [CLIP, HALF])
def test_a_checkpoint_is_computed_as_it_was_trained(
    tiny, weights, by, quick_gelu, constants, tmp_path, recwarn
):
    tiny(trained={**constants, "quick_gelu": quick_gelu})
    spec = "tiny/trained" if by == "tag" else f"tiny/{weights}"
    true = true_features(weights, quick_gelu, constants, tmp_path)
    assert features(spec) == pytest.approx(true, abs=1e-5)
    assert load_encoder(spec).notice is None
    assert not [w for w in recwarn if "QuickGELU" in str(w.message)]


def test_the_choices_above_can_be_told_apart(weights, tmp_path):
    all_four = [
        true_features(weights, quick_gelu, constants, tmp_path)
        for quick_gelu in (True, False)
        for constants in (CLIP, HALF)
    ]
    for n, one in enumerate(all_four):
        for other in all_four[:n]:
            assert np.abs(one - other).max() > 1e-4


def test_a_file_that_may_be_one_of_several_gets_a_notice(tiny, weights):
    tiny(old={**CLIP, "quick_gelu": True}, new={**CLIP}, newest={**CLIP})
    notice = load_encoder(f"tiny/{weights}").notice
    assert "is computed with GELU" in notice
    assert "'old'" in notice
    assert "QuickGELU" in notice
    assert "new" not in notice
    assert load_encoder("tiny/old").notice is None


def test_a_file_whose_constants_may_be_others_gets_a_notice(tiny, weights):
    tiny(usual={**CLIP}, other={**HALF}, third={**CLIP})
    notice = load_encoder(f"tiny/{weights}").notice
    assert "mean 0.481" in notice
    assert "'other'" in notice
    assert "mean 0.5" in notice
    assert "'usual'" not in notice


def test_a_model_without_tags_is_computed_as_its_configuration_says(tiny, weights, tmp_path):
    tiny()
    assert load_encoder(f"tiny/{weights}").notice is None
    true = true_features(weights, False, CLIP, tmp_path)
    assert features(f"tiny/{weights}") == pytest.approx(true, abs=1e-5)


def test_every_pair_that_open_clip_lists_has_its_tags_activation_and_constants():
    """Of open_clip 3.3, for 27 pairs the model's own configuration would be wrong."""
    assert len(PAIRS) > 100
    for model, tag in PAIRS:
        config, trained = (
            open_clip.get_model_config(model),
            open_clip.get_pretrained_cfg(model, tag),
        )
        quick = config.get("quick_gelu", False) or trained.get("quick_gelu", False)
        recipe = Recipe.of(model, tag)
        assert recipe.options["force_quick_gelu"] == quick, (model, tag)
        assert recipe.options["force_preprocess_cfg"]["mean"] == tuple(trained["mean"])
        assert recipe.options["force_preprocess_cfg"]["std"] == tuple(trained["std"])
        assert recipe.notice is None
    assert Recipe.of("ViT-B-32", "openai").options["force_quick_gelu"]
    assert not Recipe.of("ViT-B-32", "laion2b_s34b_b79k").options["force_quick_gelu"]


def test_a_file_of_any_model_that_open_clip_lists_has_its_tags_recipe_or_a_notice():
    """Of open_clip 3.3, 46 models have tags with other constants than OpenAI's."""
    for model, tags in TAGS.items():
        whole = Recipe.of(model, "/a/file.pt")
        differing = [tag for tag in tags if Recipe.of(model, tag).options != whole.options]
        assert bool(whole.notice) == bool(differing), model
        assert all(f"'{tag}'" in whole.notice for tag in differing), model
    siglip = Recipe.of("ViT-B-16-SigLIP", "/a/file.pt").options["force_preprocess_cfg"]
    assert siglip["mean"] == (0.5, 0.5, 0.5)
