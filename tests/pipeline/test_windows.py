"""Tests one video whose events are given in time: exact ends, and what is looked at.

A blue box is in view in all 200 frames (20 s), a red one in frames 93 to 122.
"""

import numpy as np
import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Window
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video, VideoError

N, FIRST, LAST = 200, 93, 122
RED, BLUE = "a red box", "a blue box"


def red(i):
    return (i - 80, 10, i - 40, 50)


def drawn():
    frames = [{"blue": (10, 70, 40, 100)} for _ in range(N)]
    for i in range(FIRST, LAST + 1):
        frames[i]["red"] = red(i)
    return frames


@pytest.fixture(scope="session")
def video(tmp_path_factory, draw_video):
    return Video.open(draw_video(tmp_path_factory.mktemp("windows") / "v.mp4", drawn()))


@pytest.fixture
def ground(fake_encoder, fake_detector):
    """`ground(video, queries, windows, zoom=True)`: answers and notes."""

    def run(video, queries, windows=(), **config):
        pipeline = Pipeline(fake_encoder, E3MConfig(**config))
        return pipeline.run(video, fake_detector, queries, windows)

    return run


def test_the_tube_has_exactly_the_given_ends(video, ground):
    ((answer,), notes) = ground(video, [RED], [Window(((97, 118),))])
    assert (answer.tube.first, answer.tube.last) == (97, 118)
    assert answer.tube.frames.tolist() == list(range(97, 119))
    assert answer.tube.xyxy == pytest.approx(np.array([red(i) for i in range(97, 119)]), abs=2.5)
    assert answer.tube.relevance[[96, 119]].tolist() == [0, 0]
    assert answer.tube.relevance[97:119].min() > 0.5
    assert notes == []


def test_confidence_tells_whether_the_object_is_in_the_window(video, ground):
    there, not_there = (
        ground(video, [RED], [Window((span,))])[0][0] for span in ((97, 118), (20, 41))
    )
    assert there.confidence > 1.2 * not_there.confidence


def test_what_lies_outside_all_windows_is_not_looked_at(video, ground, fake_encoder, fake_detector):
    ground(video, [RED, BLUE], [Window(((100, 109),)), Window(((110, 119),))])
    assert sum(fake_detector.batches) == 10, "every second of 20 frames"
    encoded = fake_encoder.n_images
    ground(video, [RED, BLUE])
    assert sum(fake_detector.batches) == 10 + 100
    assert fake_encoder.n_images - encoded > 2 * encoded


@pytest.mark.parametrize("other", [None, Window(((100, 109),), exact=False)], ids=["none", "prior"])
def test_all_is_looked_at_for_a_sentence_that_may_happen_anywhere(
    video, ground, fake_detector, other
):
    (red_answer, blue_answer), _ = ground(video, [RED, BLUE], [Window(((97, 118),)), other])
    assert sum(fake_detector.batches) == 100
    assert (red_answer.tube.first, red_answer.tube.last) == (97, 118)
    assert len(blue_answer.tube.relevance) == N


def test_a_short_window_of_a_thinned_video_is_looked_at_by_itself(video, ground, fake_detector):
    """Frames 0, 40, 80, 120, 160 are sampled; the window lies between two of them."""
    windows = [Window(((96, 99),)), None]
    (answer, _), _ = ground(video, [RED, BLUE], windows, max_frames=5)
    assert sum(fake_detector.batches) == 5 + 2
    assert (answer.tube.first, answer.tube.last) == (96, 99)
    assert answer.tube.frames.tolist() == [96, 97, 98, 99]
    assert answer.tube.xyxy == pytest.approx(np.array([red(i) for i in (96, 96, 98, 98)]), abs=4)
    assert len(answer.tube.relevance) == N
    assert np.flatnonzero(answer.tube.relevance).tolist() == [96, 97, 98, 99]
    assert answer.window == windows[0]


def test_so_is_a_frame_between_two_sampled_ones(video, ground, fake_detector):
    (answer, _), _ = ground(video, [RED, BLUE], [Window(((97, 97),)), None])
    assert sum(fake_detector.batches) == 100 + 1
    assert answer.tube.frames.tolist() == [97]
    assert answer.tube.xyxy == pytest.approx(np.array([red(97)]), abs=1.5)


def test_zoom_looks_at_the_window_and_nothing_else(video, ground, fake_detector):
    windows = [Window(((93, 122),)), None]
    coarse, _ = ground(video, [RED, BLUE], windows, max_frames=10)
    before = sum(fake_detector.batches)
    (close, _), _ = ground(video, [RED, BLUE], windows, max_frames=10, zoom=True)
    assert sum(fake_detector.batches) - before == 10 + 10, "blue is there throughout"
    for answer in (coarse[0], close):
        assert (answer.tube.first, answer.tube.last) == (93, 122)
    assert close.tube.xyxy == pytest.approx(np.array([red(i) for i in range(93, 123)]), abs=5)
    assert close.tube.atomic[0, 0] == 93
    assert close.tube.atomic[-1, 1] == 122


def test_zoom_keeps_a_prior(video, ground):
    windows = [Window(((90, 125),), exact=False)]
    ((answer,), _) = ground(video, [RED], windows, max_frames=9, zoom=True)
    assert abs(answer.tube.first - FIRST) <= 2
    assert abs(answer.tube.last - LAST) <= 2
    assert answer.window == windows[0]


def test_one_frame_is_a_window(video, ground):
    ((answer,), notes) = ground(video, [RED], [Window(((101, 101),))])
    assert answer.tube.frames.tolist() == [101]
    assert answer.tube.xyxy == pytest.approx(np.array([red(101)]), abs=1.5)
    assert notes == []


def test_frames_that_turn_out_to_be_missing_are_cut_off(tmp_path, draw_video, ground):
    path = draw_video(tmp_path / "v.avi", drawn(), codec="MJPG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 95 // 100])
    video = Video.open(path)
    ((answer,), notes) = ground(video, [BLUE], [Window(((150, 199),))])
    there = len(answer.tube.relevance)
    assert 180 < there < N
    assert (answer.tube.first, answer.tube.last) == (150, there - 1)
    assert ["were used" in note for note in notes] == [True]
    with pytest.raises(VideoError, match="cut off or damaged"):
        ground(video, [BLUE], [Window(((198, 199),))])
    ((answer, _), _) = ground(video, [RED, BLUE], [Window(((198, 199),)), None])
    assert answer.window is None, "as if no time had been given"
