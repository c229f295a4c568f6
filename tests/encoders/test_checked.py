"""Pins that vectors which would spoil every result are refused, with the encoder's name."""

import numpy as np
import pytest

from fiftyone_e3m.encoders import Checked, Encoder, EncoderError, batch_of


def with_row(value):
    """Replaces the last vector."""

    def change(features):
        changed = features.copy()
        changed[-1] = value
        return changed

    return change


VECTORS = {
    "NaN": (with_row(np.nan), "NaN or infinite numbers for 1 of"),
    "infinite": (with_row(np.inf), "NaN or infinite numbers for 1 of"),
    "zero": (with_row(0), "vectors of zeros for 1 of"),
    "all NaN": (lambda f: f * np.nan, "NaN or infinite numbers"),
    "too large for single precision": (lambda f: f * 1e300, "NaN or infinite numbers"),
    "a row too many": (lambda f: np.r_[f, f[:1]], "shape"),
    "a row too few": (lambda f: f[1:], "shape"),
    "none": (lambda f: f[:0], "shape"),
    "one vector": (lambda f: f[0], "shape"),
    "a list of arrays of several sizes": (lambda f: [f[0], f[0, 1:]], "no array of real numbers"),
    "three axes": (lambda f: f[None], "shape"),
    "nothing": (lambda f: None, "a NoneType that is no array"),
    "integers": (lambda f: f.astype(int), "no array of real numbers"),
    "strings": (lambda f: f.astype(str), "no array of real numbers"),
    "complex": (lambda f: f * 1j, "no array of real numbers"),
    "objects": (lambda f: f.astype(object), "no array of real numbers"),
}


@pytest.fixture
def spoilt(fake_encoder, monkeypatch):
    """`spoilt("encode_texts", change)`: a checked encoder whose vectors are changed."""

    def of(method, change):
        encode = getattr(fake_encoder, method)
        monkeypatch.setattr(fake_encoder, method, lambda given: change(encode(given)))
        return Checked(fake_encoder)

    return of


def pictures(n=3):
    return np.zeros((n, 48, 64, 3), np.uint8)


@pytest.mark.parametrize("kind", VECTORS)
def test_sentences_without_a_meaning_are_refused(spoilt, kind):
    change, message = VECTORS[kind]
    with pytest.raises(EncoderError, match=f"^Encoder 'colours' returned .*{message}.*sentences"):
        spoilt("encode_texts", change).encode_texts(["red", "a red dog", "blue"])


@pytest.mark.parametrize("kind", VECTORS)
def test_pictures_without_a_meaning_are_refused(spoilt, kind):
    change, message = VECTORS[kind]
    with pytest.raises(EncoderError, match=f"^Encoder 'colours' returned .*{message}.*pictures"):
        spoilt("encode_images", change).encode_images(pictures())


def test_sentences_of_another_size_than_pictures_are_refused(spoilt):
    encoder = spoilt("encode_texts", lambda features: features[:, 1:])
    encoder.encode_images(pictures())
    with pytest.raises(EncoderError, match="vectors of 4 numbers, and before of 5"):
        encoder.encode_texts(["red"])


def test_sound_vectors_pass_unchanged(fake_encoder):
    checked = Checked(fake_encoder)
    texts, images = checked.encode_texts(["red", "blue"]), checked.encode_images(pictures())
    assert texts.tobytes() == fake_encoder.encode_texts(["red", "blue"]).tobytes()
    assert images.tobytes() == fake_encoder.encode_images(pictures()).tobytes()


def test_vectors_of_another_precision_become_single(spoilt):
    encoder = spoilt("encode_texts", lambda features: features.astype(np.float64))
    assert encoder.encode_texts(["red"]).dtype == np.float32


def test_it_is_the_encoder_in_all_else(fake_encoder):
    assert isinstance(Checked(fake_encoder), Encoder)
    assert not hasattr(Checked(fake_encoder), "fingerprint")
    fake_encoder.fingerprint, fake_encoder.batch, fake_encoder.calibrated = "mine", 7, True
    checked = Checked(fake_encoder)
    assert (checked.fingerprint, batch_of(checked), checked.calibrated) == ("mine", 7, True)
    assert checked.exceeds_context("word " * 13)
