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
        "the second man from the left stands up",
        "the boy turns his head to the left",
        "the man moves his hand to the right",
        "a man sits with his back to the left",
        "a man looks from left to right",
        "a woman looks toward the camera",
        "a man looks away from the camera",
        "a man left the room",
    ],
)
def test_sides_that_are_no_motion(sentence):
    assert motion(sentence) is None


@pytest.mark.parametrize(
    "verb",
    ["runs", "running", "drives", "driving", "moves", "moving", "rides", "riding", "flies"],
)
@pytest.mark.parametrize(("side", "leaves"), [("left", -1), ("right", 1)])
def test_verbs_in_all_their_forms(verb, side, leaves):
    said = Motion(enters=0, leaves=leaves, across=leaves, nearer=0)
    assert motion(f"somebody {verb} to the {side}") == said
    assert motion(f"somebody {verb} across the street to the {side}") == said
    assert motion(f"somebody {verb} in from the {side}") == Motion(leaves, 0, 0, 0)


@given(st.text(max_size=40))
def test_any_text_can_be_asked(text):
    motion(text)
