"""Tests one video in which somebody points at the object in one frame.

A blue box stands still in all 60 frames (6 s), a red one moves from left to right.
"""

import numpy as np
import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Sighting, Window
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video

N, FIRST, LAST = 60, 10, 49
RED, BLUE = "a red box", (10, 70, 40, 100)


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video):
    frames = [{"blue": BLUE, "red": (i, 10, i + 40, 50)} for i in range(N)]
    return Video.open(draw_video(tmp_path_factory.mktemp("sightings") / "v.mp4", frames))


@pytest.fixture
def tube(video, fake_encoder, fake_detector):
    """`tube(frame, box)`: the tube of the red box's sentence, with an object pointed at."""

    def find(frame, box, **config):
        window = Window(((FIRST, LAST),), sighting=Sighting(frame, box))
        pipeline = Pipeline(fake_encoder, E3MConfig(**config))
        ((answer,), _) = pipeline.run(video, fake_detector, [RED], [window])
        assert (answer.tube.first, answer.tube.last) == (FIRST, LAST)
        return answer.tube

    return find


@pytest.mark.parametrize("frame", [30, 31], ids=["sampled", "between two sampled frames"])
@pytest.mark.parametrize(
    "config",
    [{}, {"link": "viterbi"}, {"zoom": True, "max_frames": 10}],
    ids=str,
)
def test_the_tube_follows_the_object_that_was_pointed_at(tube, frame, config):
    """Of itself it follows the red box, as the sentence says."""
    found = tube(frame, BLUE, **config)
    assert found.frames.tolist() == list(range(FIRST, LAST + 1))
    assert found.xyxy == pytest.approx(np.tile(BLUE, (40, 1)), abs=2)
    red = tube(frame, (frame, 10, frame + 40, 50), **config)
    assert red.xyxy[[0, -1], 0] == pytest.approx([FIRST, LAST], abs=4)


def test_classes_of_the_sentence_do_not_hide_it(tube):
    assert tube(30, BLUE, drop_unlikely=True).xyxy[20] == pytest.approx(BLUE, abs=2)


def test_a_box_that_no_detector_found_will_do(tube):
    drawn = (100, 80, 130, 110)
    found = tube(30, drawn)
    assert found.xyxy[30 - FIRST] == pytest.approx(drawn)
    assert (found.origin == 2).sum() == 1, "nobody saw it in another frame"


def test_a_box_drawn_more_exactly_replaces_the_candidate(tube):
    assert tube(30, (12, 72, 40, 100)).xyxy[30 - FIRST].tolist() == [12, 72, 40, 100]
