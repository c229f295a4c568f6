"""Tests the first noun phrase of sentences, which says what they are about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.sentences.subjects import noun_phrase


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("A woman in a pink top walking past parked cars", "a woman"),
        ("a black feathered swan", "a black feathered swan"),
        ("a yellow and black snowboard", "a yellow black snowboard"),
        ("a dog running over the grass", "a dog"),
        ("a man pats the dog", "a man pats"),
        ("a building with windows", "a building"),
        ("the boy who wears a hat", "the boy"),
        ("a man's tie", "a man's tie"),
        ("Who walks the dog?", "person"),
        ("who's there?", "person"),
        ("Which dog runs?", "dog runs"),
        ("whose dog runs?", "dog runs"),
        ("Ein \u00e4lterer Mann", "ein \u00e4lterer mann"),
        ("in the park a dog runs", ""),
        ("...", ""),
    ],
)
def test_the_first_noun_phrase(sentence, phrase):
    assert " ".join(noun_phrase(sentence)) == phrase


@given(st.text(max_size=40))
def test_any_text_has_a_phrase_of_its_own_words(text):
    phrase = noun_phrase(text)
    assert phrase == ["person"] or all(word in text.lower() for word in phrase)
