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


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a man with black hair and a white shirt", [("white", "upper")]),
        ("a red-haired woman", []),
        ("a dark blue car", [("blue", "whole")]),
        ("a black-and-white dog", [("black", "whole"), ("white", "whole")]),
        ("a man in black", [("black", "upper")]),
        ("a lady in red walks her dog", [("red", "upper")]),
        ("a dog in white snow", []),
        ("a man in black boots", []),
        ("a woman and a brown dog", []),
        ("a man eats an orange", []),
    ],
)
def test_whose_colour_it_is(sentence, expected):
    assert named(sentence) == expected


@given(
    st.sampled_from(["a man", "the old woman", "a dog", "two boys", "a tall white horse"]),
    st.sampled_from(["walks", "chases", "drives", "holds", "passes", "looks at"]),
    st.sampled_from(["a", "the", "his", "another"]),
    st.sampled_from(COLOURS),
    st.sampled_from(["dog", "car", "ball", "bicycle", "box"]),
)
def test_the_colour_of_an_object_is_never_that_of_the_subject(who, does, article, colour, what):
    expected = [("white", "whole")] if "white" in who else []
    assert named(f"{who} {does} {article} {colour} {what}") == expected


@given(st.text(max_size=40))
def test_any_text_can_be_asked(text):
    named(text)
