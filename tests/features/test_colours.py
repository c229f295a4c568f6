"""Colours of boxes: what a person would call them, where they are, and for every region once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.e3m import Tracks
from fiftyone_e3m.e3m.colour import COLOURS, PARTS
from fiftyone_e3m.features.colours import Colours, colour_shares

EXAMPLES = {
    "black": (15, 15, 20), "white": (240, 240, 235), "grey": (120, 122, 118), "red": (200, 20, 30),
    "orange": (245, 130, 20), "yellow": (235, 220, 40), "green": (40, 140, 60),
    "blue": (40, 80, 200), "purple": (110, 40, 160), "pink": (250, 160, 180),
    "brown": (110, 65, 30),
}  # fmt: skip


@pytest.mark.parametrize("name", COLOURS)
def test_each_colour_is_called_by_its_name(name):
    frame = np.full((30, 30, 3), EXAMPLES[name], np.uint8)
    shares = colour_shares(frame, np.array([0.0, 0, 30, 30]))
    assert shares[PARTS.index("whole"), COLOURS.index(name)] == 1


def test_clothes_are_looked_for_where_they_are_worn():
    frame = np.full((100, 60, 3), EXAMPLES["green"], np.uint8)
    frame[20:50, 20:40], frame[50:90, 20:40] = EXAMPLES["red"], EXAMPLES["blue"]
    shares = colour_shares(frame, np.array([10.0, 0, 50, 100]))
    upper, lower = shares[PARTS.index("upper")], shares[PARTS.index("lower")]
    assert COLOURS[upper.argmax()] == "red"
    assert COLOURS[lower.argmax()] == "blue"
    assert upper[COLOURS.index("blue")] == lower[COLOURS.index("red")] == 0


coordinate = st.floats(0, 50)


@given(coordinate, coordinate, st.floats(0.01, 60), st.floats(0.01, 60))
def test_shares_of_any_box_sum_to_one(x, y, width, height):
    frame = np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8)
    shares = colour_shares(frame, np.clip([x, y, x + width, y + height], 0, [50, 40, 50, 40]))
    assert shares.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


def test_every_region_gets_the_colours_of_its_own_frame():
    box = np.zeros((2, 2, 4), np.float32)
    box[0], box[1] = [0, 0, 10, 10], [10, 0, 20, 10]
    kind = np.array([[1, 1], [0, 1]], np.int8)
    tracks = Tracks(box, kind, kind.astype(np.float32), ("a", "b"))
    colours = Colours.of(tracks)
    for t, (left, right) in enumerate([("red", "red"), ("green", "blue")]):
        frame = np.zeros((10, 20, 3), np.uint8)
        frame[:, :10], frame[:, 10:] = EXAMPLES[left], EXAMPLES[right]
        colours.watch(t, frame)
    found = [COLOURS[i] for i in colours.shares[:, 0].argmax(axis=1)]
    assert tracks.regions.tolist() == [[0, 0], [0, 1], [1, 1]]
    assert found == ["red", "green", "blue"]
