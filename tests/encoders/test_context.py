"""Pins that a text counts as too long exactly when its end does not reach the model.

The words that do not reach it are found by the tokenizer: `unread` asks it for what it reads.
"""

import open_clip
import pytest
from open_clip.tokenizer import HFTokenizer

from fiftyone_e3m.encoders.context import truncates, unread_end

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


def unread(tokenizer, text):
    return unread_end(lambda text: truncates(tokenizer, text), text)


@pytest.mark.parametrize("context", [12, 32, 64, 77])
def test_the_words_that_a_model_does_not_read_are_named(context):
    tokenizer = open_clip.SimpleTokenizer(context_length=context)
    read, rest = " ".join(["dog"] * (context - 2)), "walks past the car"
    assert unread(tokenizer, read) == ""
    assert unread(tokenizer, f"{read} {rest}") == rest


def test_words_of_several_tokens_take_their_part():
    tokenizer = open_clip.SimpleTokenizer(context_length=12)
    text = "a skateboarder's extraordinarily red, red, red shirt walks past"
    end = unread(tokenizer, text)
    read = text.removesuffix(end).strip()
    assert end == "red shirt walks past"
    assert len(tokenizer.encode(read)) == 10 > len(read.split())


def test_a_word_that_is_read_in_part_is_named():
    tokenizer = open_clip.SimpleTokenizer(context_length=8)
    assert len(tokenizer.encode("skateboarder's")) > 1
    assert unread(tokenizer, "a red dog runs past skateboarder's dog") == "skateboarder's dog"


def test_each_tokenizer_is_asked_what_it_reads(tokenizer):
    commas = "a, red, dog, runs, a, cat"
    assert unread(tokenizer("canonicalize"), commas) == "cat"
    assert unread(tokenizer("whitespace"), commas) == "runs, a, cat"
    assert unread(tokenizer("whitespace"), "a, red, dog,") == ""  # all words are read


def test_a_word_is_not_taken_apart_where_it_has_signs_of_vowels():
    tokenizer = open_clip.SimpleTokenizer(context_length=40)
    text = "लाल कमीज में एक आदमी गाड़ी के पास से चलता है"
    end = unread(tokenizer, text)
    assert 0 < len(end) < len(text)
    assert text.endswith(f" {end}")


def test_where_no_spaces_part_words_a_character_is_one():
    tokenizer = open_clip.SimpleTokenizer(context_length=12)
    text = "一个穿红色衬衫的男人走过汽车"
    end = unread(tokenizer, text)
    assert 0 < len(end) < len(text)
    assert text.endswith(end)


def test_of_a_single_word_that_is_too_long_nothing_is_named():
    assert unread(open_clip.SimpleTokenizer(context_length=12), "x" * 500) == ""
    assert unread(open_clip.SimpleTokenizer(context_length=12), "") == ""
