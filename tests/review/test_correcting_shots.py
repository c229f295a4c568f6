"""Pins that a correction draws no box beyond a cut.

Every video has 20 frames and a cut at frame 13.
"""

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m

from .stored import MAN, event, tube


@pytest.fixture(scope="module")
def two_shots(tmp_path_factory, draw_video):
    """A video of 20 frames that cuts to another view at frame 13."""
    views = [np.full((48, 64, 3), colour, np.uint8) for colour in ((60, 90, 60), (220, 200, 120))]
    for view in views:
        view[16:24, 20:40] = 20
    frames = [views[0]] * 12 + [views[1]] * 8
    return str(draw_video(tmp_path_factory.mktemp("shots") / "v.mp4", frames, size=(64, 48)))


@pytest.fixture
def cut_video(dataset, new_grounding, ground_video, two_shots):
    """The tube lies at frames 8 to 10; each frame after the cut has a candidate at its end."""
    new_grounding(dataset, boxes_field="gt")
    video = ground_video(dataset, two_shots, {MAN: (8, 10)})
    for number in range(13, 21):
        found = fo.Detection(label="thing", bounding_box=tube(video)[10].bounding_box)
        video.frames[number]["gt"] = fo.Detections(detections=[found])
    video.save()
    return video


def test_beyond_a_cut_no_box_is_made_up(cut_video):
    correction = e3m.correct_event(cut_video, MAN, last=16)
    assert sorted(tube(cut_video)) == [8, 9, 10, 11, 12]
    assert (correction.added, correction.repeated) == (2, 2)
    assert "4 frames lie beyond a cut and have no box" in correction.headline
    assert "nobody looked for cuts" not in correction.headline


def test_an_event_moved_to_another_shot_has_no_box_there(cut_video):
    correction = e3m.correct_event(cut_video, MAN, 14, 18)
    assert event(cut_video).support == [14, 18]
    assert tube(cut_video) == {}
    assert "5 frames lie beyond a cut and have no box" in correction.headline
    e3m.correct_event(cut_video, MAN, 9, 18)
    assert sorted(tube(cut_video)) == [9, 10, 11, 12], "those of its own shot are back"


def test_a_box_of_another_shot_is_not_drawn_backward_over_the_cut(
    dataset, new_grounding, ground_video, two_shots
):
    new_grounding(dataset)
    video = ground_video(dataset, two_shots, {MAN: (15, 17)})
    correction = e3m.correct_event(video, MAN, 6, 16)
    assert sorted(tube(video)) == [13, 14, 15, 16]
    assert "7 frames lie beyond a cut" in correction.headline
