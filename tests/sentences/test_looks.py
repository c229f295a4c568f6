"""Colours of the subject, and of nothing else in the sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.e3m.colour import COLOURS, PARTS
from fiftyone_e3m.sentences.looks import looks


def named(sentence):
    return [(COLOURS[look.colour], PARTS[look.part]) for look in looks(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a woman in a red jacket comes in", [("red", "upper")]),
        ("a man in black shorts stands on a block", [("black", "lower")]),
        ("a boy in a red T-shirt and blue jeans", [("red", "upper"), ("blue", "lower")]),
        ("who walks out in a light blue jacket?", [("blue", "upper")]),
        ("a black feathered swan", [("black", "whole")]),
        ("a white car crossing a signal", [("white", "whole")]),
        ("a silver pen", [("grey", "whole")]),
        ("a man in a dark suit", [("black", "upper")]),
        ("a brown coin lying on a white surface", [("brown", "whole")]),
        ("a man holding a green cup", []),
        ("the woman who feeds the white horse", []),
        ("a man walks", []),
    ],
)
def test_colours_of_the_subject_and_its_clothes(sentence, expected):
    assert named(sentence) == expected


@given(st.text(max_size=40))
def test_any_text_can_be_asked(text):
    assert all(part in PARTS for _, part in named(text))
