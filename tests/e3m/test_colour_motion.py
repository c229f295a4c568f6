"""Evidence of colour and motion: exact small cases."""

import numpy as np
import pytest

from fiftyone_e3m.e3m import colour, motion
from fiftyone_e3m.e3m.colour import COLOURS, Look
from fiftyone_e3m.e3m.motion import Motion

SIZE = (100, 60)
RED, BLUE = COLOURS.index("red"), COLOURS.index("blue")


def path(start, end, first_height=20, last_height=20, n=10):
    x, h = np.linspace(start, end, n), np.linspace(first_height, last_height, n)
    return np.stack([x - 5, 30 - h / 2, x + 5, 30 + h / 2], axis=1)


def test_without_a_colour_in_the_sentence_no_track_is_preferred():
    shares = np.random.default_rng(0).dirichlet(np.ones(11), (4, 3))
    assert colour.agreement((), shares).tolist() == [0, 0, 0, 0]


def test_several_colours_count_by_their_mean():
    shares = np.zeros((3, 3, 11))
    shares[0, 1, RED] = shares[1, 1, RED] = shares[1, 2, BLUE] = 0.2
    found = colour.agreement([Look(RED, 1), Look(BLUE, 2)], shares)
    assert found == pytest.approx([np.log(5) / 2, np.log(5), 0])


def test_a_dog_with_patches_is_as_white_as_one_without():
    shares = np.zeros((3, 3, 11))
    shares[:, 0, RED] = [0.2, 0.5, 1.0]
    some, half, all_of_it = colour.agreement([Look(RED, 0)], shares)
    assert some < half == all_of_it


@pytest.mark.parametrize(
    ("said", "box", "expected"),
    [
        (Motion(1, 0, 0, 0), path(100, 20), 1),
        (Motion(-1, 0, 0, 0), path(100, 20), -1),
        (Motion(0, 1, 0, 0), path(20, 100), 1),
        (Motion(0, 0, -1, 0), path(80, 20), 1),
        (Motion(0, 0, 1, 0), path(50, 50), 0),
        (Motion(0, 0, 0, 1), path(50, 50, 10, 40), 1),
        (Motion(0, 0, 0, -1), path(50, 50, 10, 40), -1),
        (Motion(0, 0, 0, 0), path(0, 100), 0),
    ],
)
def test_agreement_with_what_is_said(said, box, expected):
    assert motion.agreement(said, box, SIZE) == pytest.approx(expected, abs=0.01)


def test_a_move_that_is_said_in_several_words_counts_by_their_mean():
    box = path(90, 10)
    each = [Motion(1, 0, 0, 0), Motion(0, -1, 0, 0), Motion(0, 0, -1, 0)]
    whole = motion.agreement(Motion(1, -1, -1, 0), box, SIZE)
    assert whole == pytest.approx(np.mean([motion.agreement(m, box, SIZE) for m in each]))


def test_a_single_box_does_not_move():
    assert motion.agreement(Motion(0, 0, 1, 1), path(50, 50, n=1), SIZE) == 0
