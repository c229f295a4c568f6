"""Shared by the tests of engines: a Ray cluster of this machine, and models for its workers."""

import sys
from pathlib import Path
from types import SimpleNamespace

import fiftyone as fo
import pytest

HERE = Path(__file__).parent
N = 6


@pytest.fixture(scope="session")
def ray():
    """Ray with a cluster of two CPUs on this machine."""
    ray = pytest.importorskip("ray", reason="needs the extra 'ray'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{HERE}:{Path(__file__).parents[2]}", prepend=":")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield ray
        ray.shutdown()


@pytest.fixture(scope="session")
def models():
    """The module of models that workers import."""
    sys.path.insert(0, str(HERE))
    import worker_models

    yield worker_models
    sys.path.remove(str(HERE))


@pytest.fixture(scope="session")
def clip(tmp_path_factory, draw_video):
    """A short video: a blue box, and a red one in its second half."""
    blue = {"blue": (10, 30, 30, 44)}
    frames = [blue] * (N // 2) + [{**blue, "red": (34, 4, 56, 20)}] * (N // 2)
    return draw_video(tmp_path_factory.mktemp("ray") / "clip.mp4", frames, size=(64, 48))


@pytest.fixture
def make(clip, tmp_path):
    """`make("a", "b")`: a dataset of copies of the video with these names."""
    made = []

    def dataset(*names):
        made.append(fo.Dataset(persistent=True))
        paths = [tmp_path / f"{name}.mp4" for name in names]
        for path in paths:
            path.write_bytes(clip.read_bytes())
        made[-1].add_samples([fo.Sample(filepath=str(path)) for path in paths], progress=False)
        return made[-1]

    yield dataset
    for dataset in made:
        dataset.delete()


@pytest.fixture(scope="session")
def written():
    """`written(dataset)`: all that a run wrote, without ids."""

    def read(dataset):
        dataset.reload()
        box = "frames.e3m.detections"
        names = ["label", "index", "confidence", "bounding_box", "source", "keyframe"]
        paths = ["e3m_status", "e3m_message", "e3m_confidence", "frames.e3m_relevance"]
        events = [f"e3m_events.detections.{name}" for name in ("label", "support", "confidence")]
        return dataset.values(paths + events + [f"{box}.{name}" for name in names])

    return SimpleNamespace(of=read)
