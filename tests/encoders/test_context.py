"""Pins that a text counts as too long exactly when its end does not reach the model."""

import open_clip
import pytest
from open_clip.tokenizer import HFTokenizer

from fiftyone_e3m.encoders.context import truncates

CONTEXT = 6
FITS = "a red dog runs a"  # five words and the end token


@pytest.fixture
def tokenizer(tmp_path, words):
    """`tokenizer("canonicalize")`: open_clip's wrapper, with that cleaning of texts."""

    def of(clean, **options):
        words.save_pretrained(tmp_path)
        return HFTokenizer(str(tmp_path), context_length=CONTEXT, clean=clean, **options)

    return of


@pytest.mark.parametrize("clean", ["whitespace", "lower", "canonicalize"])
def test_words_count_up_to_the_last_that_fits(tokenizer, clean):
    tokenizer = tokenizer(clean)
    assert not truncates(tokenizer, FITS)
    assert truncates(tokenizer, f"{FITS} dog")


def test_what_a_tokenizer_strips_does_not_count(tokenizer):
    commas = "a, red, dog, runs, a,"
    assert not truncates(tokenizer("canonicalize"), commas)
    assert truncates(tokenizer("whitespace"), commas)


def test_a_mode_with_a_token_behind_the_padding_is_counted_too(tokenizer, words):
    words.add_special_tokens({"bos_token": "[UNK]", "cls_token": "[END]"})
    clips = tokenizer("whitespace", tokenizer_mode="clips")
    assert not truncates(clips, "a red dog")
    assert truncates(clips, "a red dog runs")


@pytest.mark.parametrize("clean", ["lower", "canonicalize", "whitespace"])
def test_open_clips_own_tokenizer_is_asked_as_it_reads(clean):
    """Capitals cost it tokens only where it does not lower them."""
    tokenizer = open_clip.SimpleTokenizer(context_length=12, clean=clean)
    for text in ("DOG " * 10, "dog " * 10, "dog " * 11, "dog, " * 10, "é€ " * 5, "", "!" * 40):
        last = len(tokenizer.encode(text)) + 2
        assert truncates(tokenizer, text) == (last > 12), text


def test_very_long_and_odd_texts_are_counted(tokenizer):
    for one in (tokenizer("whitespace"), open_clip.SimpleTokenizer()):
        assert truncates(one, "dog " * 2500)
        assert truncates(one, "\U0001f600 " * 300)
