"""Shared by the tests of the zoo model: tiny videos, and the model's folder in FiftyOne's zoo."""

import shutil
from pathlib import Path

import eta.core.video as etav
import fiftyone as fo
import pytest

from fiftyone_e3m.cli.install import install_model

N = 12


class UnreadReader:
    """FiftyOne's reader where there is no ffmpeg: it opens files that are there, and reads none."""

    def __init__(self, path, frames=None):
        if not Path(path).is_file():
            raise FileNotFoundError(path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    """FiftyOne opens every video with ffmpeg, though the model reads nothing from it."""
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        monkeypatch.setattr(etav, "FFmpegVideoReader", UnreadReader)


@pytest.fixture(scope="session")
def zoo_model_dir():
    """A folder of FiftyOne's model zoo that leads to this package."""
    return install_model(Path(fo.config.model_zoo_dir))


@pytest.fixture(scope="session")
def clips(tmp_path_factory, draw_video):
    """Three videos: the red box is visible early, late, or never."""
    folder = tmp_path_factory.mktemp("zoo")
    for name, visible in {"early": (0, 6), "late": (6, 12), "never": (0, 0)}.items():
        frames = [{"blue": (2 * i, 26, 2 * i + 16, 40)} for i in range(N)]
        for i in range(*visible):
            frames[i]["red"] = (30 - 2 * i, 4, 50 - 2 * i, 20)
        draw_video(folder / f"{name}.mp4", frames, size=(64, 48))
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def make(clips):
    """`make()`: a dataset of the videos, each with a caption and boxes in `frames.found`."""
    made = []

    def dataset(*names):
        made.append(fo.Dataset())
        for name in names or ("early", "late", "never"):
            sample = fo.Sample(filepath=str(clips[name]), caption=["a red box", "a blue box"])
            for i in range(N):
                box = fo.Detection(label="blue", bounding_box=[2 * i / 64, 26 / 48, 0.25, 14 / 48])
                sample.frames[i + 1] = fo.Frame(found=fo.Detections(detections=[box]))
            made[-1].add_sample(sample)
        return made[-1]

    yield dataset
    for dataset in made:
        dataset.delete()
