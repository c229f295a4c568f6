"""Shared by the tests of encoding: a drawn video of four objects, and its tracks."""

import pytest

from fiftyone_e3m.video import Video

from .places import ALL, CYCLE, FPS, PLACES, STILL, T, colour_of, tracks_of


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video):
    """An object at each place; all objects swap colours in every frame."""
    frames = [{colour_of(k, t): PLACES[k] for k in range(4)} for t in range(T)]
    return Video.open(draw_video(tmp_path_factory.mktemp("colours") / "v.mp4", frames, fps=FPS))


@pytest.fixture
def tracks():
    return tracks_of()


@pytest.fixture
def images(video):
    return dict(video.read(ALL))


@pytest.fixture(scope="module")
def still(tmp_path_factory, draw_video):
    """Two seconds in which nothing moves, then all objects change colour."""
    swapped = dict(zip([*CYCLE[1:], CYCLE[0]], PLACES, strict=True))
    frames = [STILL] * 20 + [swapped] * 4
    return Video.open(draw_video(tmp_path_factory.mktemp("still") / "v.mp4", frames, fps=FPS))
