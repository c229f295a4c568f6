"""Pins what a user is told of a sentence that is too long for the encoder, which reads 12 words."""

import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.sentences import length_notes

READ = "a man in a red shirt and blue jeans who carries a"
REST = "skateboard slowly walks past"


def told(sentence, end):
    return f"The sentence '{sentence}' is longer than the encoder can read, so its end was {end}."


def test_the_words_that_are_not_read_are_named(fake_encoder):
    long = f"{READ} {REST}."
    notes = length_notes([READ, long, "a dog"], fake_encoder, E3MConfig())
    assert notes == [told(long, f"ignored: '{REST}'")]


def test_the_words_of_the_template_before_a_sentence_take_their_part(fake_encoder):
    config = E3MConfig(text_template="a photo of {query}")
    (note,) = length_notes([READ], fake_encoder, config)
    assert note == told(READ, "ignored: 'who carries a'")


def test_only_words_of_the_sentence_are_named(fake_encoder):
    config = E3MConfig(text_template="{query} in a video")
    (note,) = length_notes([READ], fake_encoder, config)
    assert note == told(READ, "ignored")
    (note,) = length_notes([f"{READ} {REST}"], fake_encoder, config)
    assert note == told(f"{READ} {REST}", f"ignored: '{REST}'")


@pytest.mark.parametrize("rest", ["word " * 5000, "x" * 5000])
def test_a_very_long_end_is_shortened(fake_encoder, rest):
    (note,) = length_notes([f"{READ} {rest}"], fake_encoder, E3MConfig())
    end = note.partition("ignored: '")[2]
    assert end.endswith("…'.")
    assert len(end) < 210
