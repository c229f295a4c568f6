"""Who moves and who stays, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.sentences.pace import moves

WORDS = ("a", "man", "dogs", "who", "runs", "sits", "walk", "to", "his", "and", "up", "while")


@pytest.mark.parametrize(
    "sentence",
    [
        "a woman walks past the shop",
        "Who rides the red bike?",
        "a coin is dragged over the table",
        "two men run after a ball",
        "a running dog",
        "the boy begins to run",
        "a lady in black walking her dog",
        "a car drives past a parked van",
        "the man carries a bag and crosses the street",
        "a bird flies over the sea",
        "a girl skating on a frozen lake while her friends sit and watch",
    ],
)
def test_a_subject_that_moves(sentence):
    assert moves(sentence) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "a man stands at the window",
        "a van parked in front of the building",
        "a parked motorbike",
        "who is sitting next to the driver?",
        "a dog lying on a moving train",
        "people wait while a train passes",
        "the children sit on the floor",
        "a man in black waiting for the running dog",
    ],
)
def test_a_subject_that_stays(sentence):
    assert moves(sentence) == -1


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "a man laughs",
        "a red car",
        "a woman opens the door",
        "a man pushes a button",
        "the man stands up",
        "the man leans back",
        "a boy sits down on the chair",
        "a woman who was sitting gets up and walks away",
        "a man crosses his arms",
        "the girl moves her head",
        "a man at a bus stop",
        "the lamp on the left",
        "a child on the slide in the park",
        "a jogger in running shoes",
        "a person showing his skate board",
    ],
)
def test_a_sentence_that_does_not_say(sentence):
    assert moves(sentence) == 0


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_says_one_of_three_things(text):
    assert moves(text) in (-1, 0, 1)
    assert moves(text.upper()) == moves(text.lower())
