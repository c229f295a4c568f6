"""Tests the subject of a sentence, which is compared with the detector's classes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.sentences.subjects import subject


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("A woman in a pink top walking past parked cars", "a woman"),
        ("a dog running", "a dog"),
        ("a dog.", "a dog"),
        ("Dogs", "dogs"),
        ("dog on the sofa", "dog"),
        ("a black feathered swan floating on water", "a black feathered swan"),
        ("a man who is reading", "a man"),
        ("the man that wears a hat", "the man"),
        ("That man wearing a hat", "that man"),
        ("two people are talking", "two people"),
        ("the dog and the cat", "the dog"),
        ("the child the dog follows", "the child"),
        ("a man's hat on a shelf", "a man's hat"),
        ("a t-shirt, red, on a chair", "a t-shirt red"),
    ],
)
def test_the_subject_is_the_first_noun_phrase(sentence, about):
    assert subject(sentence) == about


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("a smiling woman with a hat", "a smiling woman"),
        ("the running dog", "the running dog"),
        ("Walking people on a bridge", "walking people"),
        ("a tall building at night", "a tall building"),
        ("a golden ring on a finger", "a golden ring"),
        ("the old king riding a horse", "the old king"),
    ],
)
def test_a_word_in_ing_ends_the_subject_only_as_a_verb(sentence, about):
    assert subject(sentence) == about


@pytest.mark.parametrize(
    "question",
    [
        "who is next to the dog?",
        "Who's next to the dog",
        "What is the man holding?",
        "Which dog barks",
        "where does the bus stop?",
        "Is there a dog on the sofa? ",
        "does the man hold a cup?",
    ],
)
def test_a_question_is_kept_as_it_is(question):
    assert subject(question) == question


@pytest.mark.parametrize(
    "sentence",
    ["In the park a dog runs", "There is a dog on the sofa", "While it rains, we run"],
)
def test_a_sentence_that_begins_with_something_else_is_kept_as_it_is(sentence):
    assert subject(sentence) == sentence


@pytest.mark.parametrize("nothing", ["", "   ", "...", "?", "_", "🐕"])
def test_a_sentence_without_words_is_kept_as_it_is(nothing):
    assert subject(nothing) == nothing


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("Ein älterer Mann geht", "ein älterer mann geht"),
        ("a Müller truck on a road", "a müller truck"),
        ("собака на диване", "собака на диване"),
        ("一只狗", "一只狗"),
        ("a number 7 bus at a stop", "a number 7 bus"),
    ],
)
def test_letters_of_any_language_belong_to_words(sentence, about):
    assert subject(sentence) == about


@pytest.mark.parametrize("sentence", ["the", "in the", "a a"])
def test_a_sentence_of_small_words_is_all_there_is(sentence):
    assert subject(sentence) == sentence


@given(st.text(max_size=40))
def test_any_text_has_a_subject(text):
    about = subject(text)
    assert bool(about) == bool(text)
    if about != text:
        words = about.split()
        assert len(words) <= len(text)
        assert about == about.lower()
