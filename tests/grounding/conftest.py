"""Shared by the tests of `ground`: synthetic videos, valid and broken, and datasets of them.

Models recognise only colours; the database is real.
"""

from types import SimpleNamespace

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m

N = 30
FIRST, LAST = 11, 20
"""1-based frames in which the red box is visible."""


def scene(n=N, first=FIRST, last=LAST):
    """A blue box in all frames, and a red box from `first` to `last` (1-based)."""
    frames = [{"blue": (10 + i, 70, 40 + i, 100)} for i in range(n)]
    for i in range(first - 1, last):
        frames[i]["red"] = red_box(i + 1)
    return frames


def red_box(number):
    return (2 * number, 10, 2 * number + 40, 50)


@pytest.fixture(scope="session")
def videos(tmp_path_factory, draw_video):
    """Valid and broken videos, by name."""
    folder = tmp_path_factory.mktemp("grounding")
    draw_video(folder / "good.mp4", scene())
    draw_video(folder / "late.mp4", scene(first=19, last=28))
    draw_video(folder / "empty.mp4", [{}] * N)
    draw_video(folder / "single.mp4", scene()[10:11])
    whole = draw_video(folder / "whole.avi", scene(), codec="MJPG").read_bytes()
    (folder / "cut.avi").write_bytes(whole[: len(whole) // 2])
    (folder / "clipped.avi").write_bytes(whole[: len(whole) * 94 // 100])
    (folder / "text.mp4").write_text("this is no video\n" * 100)
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def make(videos):
    """`make("good", "late", caption=...)`: a dataset of these videos."""
    made = []

    def dataset(*names, **fields):
        made.append(fo.Dataset(persistent=True))  # survives the exit of a subprocess
        samples = [fo.Sample(filepath=str(videos[name]), **fields) for name in names]
        made[-1].add_samples(samples, progress=False)
        return made[-1]

    yield dataset
    for dataset in made:
        dataset.delete()


@pytest.fixture
def ground(fake_encoder, fake_detector):
    """`e3m.ground` with stand-in models."""

    def run(samples, query=None, **options):
        models = {"encoder": fake_encoder, "progress": False}
        if "boxes_field" not in options:
            models["detector"] = fake_detector
        return e3m.ground(samples, query, **{**models, **options})

    return run


@pytest.fixture(scope="session")
def truth():
    """The scene of "good": `n` frames; the red box is visible from `first` to `last` (1-based).

    `truth.box(number)` is its box in a frame: xyxy in pixels.
    """
    return SimpleNamespace(n=N, first=FIRST, last=LAST, box=red_box)


@pytest.fixture(scope="session")
def label():
    """`label(dataset, "gt", colours=["red"])`: draws the scene's boxes into a frame field."""

    def draw(dataset, name="gt", colours=("red", "blue"), numbers=range(1, N + 1), **values):
        boxes = {
            number: fo.Detections(
                detections=[
                    fo.Detection(
                        label=colour,
                        bounding_box=[x1 / 160, y1 / 120, (x2 - x1) / 160, (y2 - y1) / 120],
                        **values,
                    )
                    for colour, (x1, y1, x2, y2) in scene()[number - 1].items()
                    if colour in colours
                ]
            )
            for number in numbers
        }
        labels = dict.fromkeys(dataset.values("id"), boxes)
        dataset.set_values(f"frames.{name}", labels, key_field="id")

    return draw


@pytest.fixture(scope="session")
def tops():
    """`tops(dataset)`: upper edges of all boxes of the tubes, 0..1."""

    def read(dataset):
        frames = [frame for sample in dataset for frame in sample.frames.values() if frame.e3m]
        assert frames
        return [box.bounding_box[1] for frame in frames for box in frame.e3m.detections]

    return read


@pytest.fixture(scope="session")
def content():
    """`content(sample)`: all values of a sample and its frames, except the modification time."""

    def read(sample):
        parts = [sample.to_dict(), *(frame.to_dict() for frame in sample.frames.values())]
        return [{k: v for k, v in d.items() if k != "last_modified_at"} for d in parts]

    return read
