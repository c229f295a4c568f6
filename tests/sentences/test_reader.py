"""Tests that each list of texts is encoded once, and the unrelated ones once for all runs."""

import numpy as np
import pytest

from fiftyone_e3m.sentences import TextReader
from fiftyone_e3m.sentences.unrelated import SENTENCES


@pytest.fixture
def calls(fake_encoder, monkeypatch):
    """The texts that the stand-in encoder was given, call by call."""
    made, encode = [], fake_encoder.encode_texts
    monkeypatch.setattr(
        fake_encoder, "encode_texts", lambda texts: made.append(list(texts)) or encode(texts)
    )
    return made


def test_a_list_of_texts_is_read_once(fake_encoder, calls):
    reader = TextReader(fake_encoder)
    first = reader.read(["a red box", "a dog"])
    assert reader.read(["a red box", "a dog"]) is first
    assert calls == [["a red box", "a dog"]]


def test_an_answer_does_not_depend_on_what_was_read_before(fake_encoder, calls):
    reader = TextReader(fake_encoder)
    reader.read(["a red box", "a dog"])
    reader.read(["a dog"])  # in a separate batch, as it would be without the first list
    assert calls == [["a red box", "a dog"], ["a dog"]]


def test_the_unrelated_texts_are_read_once(fake_encoder, calls):
    reader = TextReader(fake_encoder)
    assert reader.unrelated is reader.unrelated
    assert calls == [list(SENTENCES)]


def test_each_row_is_the_feature_of_its_text(fake_encoder):
    unrelated = TextReader(fake_encoder).unrelated
    assert unrelated == pytest.approx(fake_encoder.encode_texts(SENTENCES))
    assert np.linalg.norm(unrelated, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_unrelated_texts_are_kept_on_disk_for_the_next_run(known_encoder, cache, calls):
    first = TextReader(known_encoder, cache).unrelated
    second = TextReader(known_encoder, cache).unrelated
    assert len(calls) == 1
    assert (first == second).all()
    known_encoder.fingerprint = "colours, version 2"
    _ = TextReader(known_encoder, cache).unrelated
    assert len(calls) == 2


def test_no_text_counts_twice():
    assert len(set(SENTENCES)) == len(SENTENCES)
    assert all(text == text.strip().lower() and text for text in SENTENCES)
