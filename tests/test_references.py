"""Pins that the unrelated texts are encoded once per encoder and forgotten with it."""

import gc
import weakref

import numpy as np
import pytest

from fiftyone_e3m.references import NOUNS, SENTENCES, references_of


@pytest.fixture
def counting(fake_encoder, monkeypatch):
    """The stand-in encoder and a list of the texts it was given, call by call."""
    calls = []
    encode = fake_encoder.encode_texts
    monkeypatch.setattr(
        fake_encoder, "encode_texts", lambda texts: calls.append(list(texts)) or encode(texts)
    )
    return fake_encoder, calls


def test_they_are_encoded_once_per_encoder(counting):
    encoder, calls = counting
    first = references_of(encoder)
    assert references_of(encoder) is first
    assert sum(map(len, calls)) == len(SENTENCES) + len(NOUNS)
    another = references_of(type(encoder)())
    assert another is not first
    assert len(calls) == 1


def test_each_row_is_the_feature_of_its_text(fake_encoder):
    known = references_of(fake_encoder)
    assert known.sentences == pytest.approx(fake_encoder.encode_texts(SENTENCES))
    assert known.nouns == pytest.approx(fake_encoder.encode_texts(NOUNS))
    assert np.linalg.norm(known.sentences, axis=1) == pytest.approx(1, abs=1e-5)


def test_they_do_not_keep_an_encoder_alive(fake_encoder):
    encoder = type(fake_encoder)()
    references_of(encoder)
    gone = weakref.ref(encoder)
    del encoder
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("texts", [SENTENCES, NOUNS])
def test_no_text_counts_twice(texts):
    assert len(set(texts)) == len(texts)
    assert all(text == text.strip().lower() and text for text in texts)
