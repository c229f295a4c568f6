"""Shared by the tests of bad input: stand-ins, a healthy video, and the three ways to ground."""

import fiftyone as fo
import fiftyone.operators as foo
import numpy as np
import pytest
from typer.testing import CliRunner

import fiftyone_e3m as e3m
from fiftyone_e3m import cli
from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.cli.install import install_plugin
from fiftyone_e3m.engines import worker

from .files import encode

URI = "@e3m/video-grounding/ground_videos"
RED = "a red box"
STRIDE = 1000
"""Pixels of a picture's longer side that the detector looks at, or fewer."""


class RedDetector:
    """Finds what is red, in a thinned picture: also in 8k."""

    name = "red"

    def detect(self, frames):
        """The box around all red pixels of each frame."""
        return [self._box(frame) for frame in frames]

    @staticmethod
    def _box(frame):
        step = -(-max(frame.shape) // STRIDE)
        thinned = frame[::step, ::step].astype(int)
        y, x = np.nonzero((thinned[..., 0] > 150) & (thinned[..., 1:].max(-1) < 100))
        if len(x) < 20:
            return Boxes.none()
        corners = np.array([x.min(), y.min(), x.max() + 1, y.max() + 1]) * step
        return Boxes.of([corners], [0.9], ["box"])


@pytest.fixture(scope="session")
def healthy(tmp_path_factory):
    """Path of a healthy video."""
    return str(encode(tmp_path_factory.mktemp("healthy") / "healthy.mp4"))


@pytest.fixture(scope="module")
def new_dataset():
    """`new_dataset([path, ...])`: a dataset of videos, deleted at the end of the module."""
    made = []

    def new(paths, **fields):
        made.append(fo.Dataset())
        samples = [fo.Sample(filepath=str(path)) for path in paths]
        for name, values in fields.items():
            for sample, value in zip(samples, values, strict=True):
                sample[name] = value
        made[-1].add_samples(samples, progress=False)
        return made[-1]

    yield new
    for dataset in made:
        if not dataset.deleted:
            dataset.delete()


@pytest.fixture(scope="session")
def ground(stand_ins):
    """`ground(samples, "a red box", ...)`: `e3m.ground` with stand-ins and without a cache."""

    def run(samples, query=RED, **options):
        models = {"encoder": stand_ins.encoder()}
        if "boxes_field" not in options:
            models["detector"] = RedDetector()
        return e3m.ground(
            samples, query, **{**models, "progress": False, "cache": False, **options}
        )

    return run


@pytest.fixture(scope="module")
def by_name(stand_ins):
    """Loads stand-ins for all names of models, for ways that take names only; no cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "load_encoder", lambda *_, **__: stand_ins.encoder())
        patch.setattr(worker, "load_detector", lambda *_, **__: RedDetector())
        patch.setenv("E3M_CACHE_MB", "0")
        yield


@pytest.fixture(scope="module")
def operate(by_name, tmp_path_factory):
    """`operate(dataset, query=...)`: grounds by the operator of the App."""
    folder, before = tmp_path_factory.mktemp("plugins"), fo.config.plugins_dir
    install_plugin(folder)
    fo.config.plugins_dir = str(folder)

    def run(samples, uri=URI, **params):
        ctx = {"dataset": samples._root_dataset}
        if isinstance(samples, fo.DatasetView):
            ctx["view"] = samples
        return foo.execute_operator(uri, ctx, params=params)

    yield run
    fo.config.plugins_dir = before


@pytest.fixture(scope="module")
def command(by_name):
    """`command("ground", ...)`: exit code and output of the command line, in one line."""

    def run(*arguments):
        given = [str(argument) for argument in arguments]
        result = CliRunner().invoke(cli.app, given, env={"COLUMNS": "5000"})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, " ".join(result.output.split())

    return run


@pytest.fixture(scope="session")
def outcomes():
    """`outcomes(dataset, "e3m")`: status and message of each video, in order."""

    def read(dataset, field="e3m"):
        dataset.reload()
        names = [f"{field}_status", f"{field}_message"]
        if not dataset.has_field(names[1]):
            return [(status, None) for status in dataset.values(names[0])]
        return list(zip(*dataset.values(names), strict=True))

    return read


@pytest.fixture(scope="session")
def tube():
    """`tube(dataset.first(), "e3m")`: boxes of the tube by frame, rounded, and the status."""

    def read(sample, field="e3m"):
        boxes = {
            number: [np.round(box.bounding_box, 3).tolist() for box in frame[field].detections]
            for number, frame in sample.frames.items()
            if frame[field] is not None
        }
        return sample[f"{field}_status"], boxes

    return read
