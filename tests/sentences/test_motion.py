"""How the subject moves, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.e3m.motion import Motion
from fiftyone_e3m.sentences.motion import motion

LEFT, RIGHT = -1, 1


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a woman comes in from the right and walks on", Motion(RIGHT, 0, 0, 0)),
        ("the woman walks down the road and leaves on the right", Motion(0, RIGHT, RIGHT, 0)),
        ("who walks out of the picture on the left?", Motion(0, LEFT, LEFT, 0)),
        ("a car crosses the street from left to right", Motion(LEFT, RIGHT, RIGHT, 0)),
        ("a man crosses the tracks to the left", Motion(0, LEFT, LEFT, 0)),
        ("the man runs away to the right behind the tree", Motion(0, RIGHT, RIGHT, 0)),
        ("a man comes in from the right and goes back to the right", Motion(RIGHT, RIGHT, 0, 0)),
        ("a dog runs towards the camera", Motion(0, 0, 0, 1)),
        ("a boat drives into the distance", Motion(0, 0, 0, -1)),
    ],
)
def test_motion_as_people_write_it(sentence, expected):
    assert motion(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "a man on the left side of the street",
        "a man raises the cup in his right hand",
        "a car waits at the right edge",
        "the woman tilts her head to the side",
        "a dog running",
    ],
)
def test_sides_that_are_no_motion(sentence):
    assert motion(sentence) is None


@given(st.text(max_size=40))
def test_any_text_can_be_asked(text):
    assert motion(text) is None or any(motion(text))
