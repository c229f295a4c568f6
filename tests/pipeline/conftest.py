"""Shared by the tests of the pipeline, whose stand-ins for the models see colours."""

import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video


@pytest.fixture
def boxes(fake_detector):
    """The boxes of the stand-in as a function."""
    return lambda video, sampled: fake_detector.detect([f for _, f in video.read(sampled)])


@pytest.fixture
def ground(boxes, fake_encoder):
    """`ground(video, sentence)`: the answer and the notes."""

    def run(video, *queries, config=None, source=boxes):
        config = E3MConfig() if config is None else config
        return Pipeline(fake_encoder, config).run(video, source, queries)

    return run


@pytest.fixture(scope="session")
def long_video(tmp_path_factory, draw_video):
    """Twenty seconds; a red box is in view for three of them, a blue one throughout."""
    frames = [{"blue": (10, 70, 40, 100)} for _ in range(200)]
    for i in range(93, 123):
        frames[i]["red"] = (i - 80, 10, i - 40, 50)
    return Video.open(draw_video(tmp_path_factory.mktemp("long") / "v.mp4", frames))
