"""Shared by all tests: an isolated environment, drawn videos, and stand-ins for the models.

The environment is set before anything imports FiftyOne or ultralytics: a separate database, zoo and
plugin folder, no downloads, no telemetry. The user's own database is never touched.

Drawn videos hold rectangles of known colours at known places. The stand-ins see colours only, so
the right answer to a sentence such as "a red box" can be read off a drawing. They count their
inputs: speed is tested by counts, not by clocks.
"""

import atexit
import importlib.util
import json
import os
import platform
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pymongo
import pytest
from hypothesis import settings
from packaging.requirements import Requirement


def _own_database(home):
    """Starts a MongoDB for these tests alone and returns its address.

    A separate folder is not enough: FiftyOne joins any database service of the user that is already
    running, wherever its folder is.
    """
    bundled = Path(importlib.util.find_spec("fiftyone").origin).parent / "db" / "bin" / "mongod"
    mongod = bundled if bundled.is_file() else shutil.which("mongod")
    folder = home / "database"
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [mongod, "--dbpath", folder, "--port", str(port), "--bind_ip", "127.0.0.1"]
    log = ["--logpath", folder / "log", "--nounixsocket"]
    process = subprocess.Popen([*command, *log], stdout=subprocess.DEVNULL)
    atexit.register(process.wait)
    atexit.register(process.terminate)
    address = f"mongodb://127.0.0.1:{port}"
    with pymongo.MongoClient(address, serverSelectionTimeoutMS=60_000) as client:
        client.admin.command("ping")
    return address


def _close_off():
    """Sets the environment for this process and its children, which inherit it unchanged.

    The workers of pytest-xdist are the exception: each has its own database and folders.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if os.environ.get("E3M_TESTS_WORKER") == worker:
        return
    os.environ.pop("COLUMNS", None)  # pytest-xdist sets it, and Rich would keep it for good
    home = Path(tempfile.mkdtemp(prefix="e3m-tests-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ.update(
        E3M_TESTS_WORKER=worker,
        E3M_CACHE_DIR=str(home / "cache"),
        E3M_DATA_DIR=str(home / "data"),
        FIFTYONE_DATABASE_URI=_own_database(home),
        FIFTYONE_DATASET_ZOO_DIR=str(home / "datasets"),
        FIFTYONE_MODEL_ZOO_DIR=str(home / "models"),
        FIFTYONE_PLUGINS_DIR=str(home / "plugins"),
        FIFTYONE_DATABASE_VALIDATION="false",
        FIFTYONE_DO_NOT_TRACK="true",
        HF_HUB_OFFLINE="1",
        YOLO_OFFLINE="true",
        YOLO_CONFIG_DIR=str(home / "ultralytics"),
    )


_close_off()

# no deadlines, as a busy machine misses any
settings.register_profile("usual", deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile("usual")

SHARED = Path(os.environ.get("E3M_SHARED", Path(__file__).parents[2] / "shared")).resolve()

NOBODY = 65534
"""User without any rights."""
BACKGROUND = (60, 60, 60)
COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 190, 30),
    "blue": (40, 60, 220),
    "yellow": (230, 220, 40),
}
PALETTE = np.array([*COLOURS.values(), BACKGROUND])


def pytest_report_header():
    """The versions that these tests had, of all that the package asks for."""
    names = {Requirement(line).name for line in metadata.requires("fiftyone-e3m")}
    installed = {}
    for name in sorted(names, key=str.lower):
        with suppress(metadata.PackageNotFoundError):
            installed[name] = metadata.version(name)
    versions = ", ".join(f"{name} {version}" for name, version in installed.items())
    return f"tried with Python {platform.python_version()}, {versions}"


def nearest(image):
    """(..., H, W) index of each pixel's colour in `PALETTE`; compression does not change it."""
    distance = np.abs(image[..., None, :].astype(int) - PALETTE).sum(axis=-1)
    return distance.argmin(axis=-1)


def draw_boxes(boxes, size=(160, 120)):
    """A frame of `size` (width, height): `boxes` maps colours to xyxy, with the last one on top."""
    image = np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
    for colour, (x1, y1, x2, y2) in boxes.items():
        image[y1:y2, x1:x2] = COLOURS[colour]
    return image


class FakeEncoder:
    """Encodes the share of each colour in an image, and the colours that a sentence names.

    Attributes:
        n_images: images encoded so far.
        batches: number of images of each call.
    """

    name = "colours"
    notice = None
    image_size = (48, 64)  # height and width differ, so that swapping them fails
    max_words = 12

    def __init__(self):
        self.batches = []

    @property
    def n_images(self):
        return sum(self.batches)

    def encode_images(self, images):
        assert images.dtype == np.uint8
        assert images.shape[1:] == (*self.image_size, 3)
        self.batches.append(len(images))
        is_colour = nearest(images)[..., None] == np.arange(len(PALETTE))
        return self._unit(is_colour.mean(axis=(1, 2)))

    def encode_texts(self, texts):
        """A sentence without a colour means every object and place a little."""
        return self._unit(np.array([self._meaning(text) for text in texts], float))

    @staticmethod
    def _meaning(text):
        named = [colour in text.split() for colour in COLOURS]
        if any(named):
            return [*named, False]
        return np.random.default_rng(list(text.encode())).uniform(0.2, 1, len(PALETTE))

    def exceeds_context(self, text):
        return len(text.split()) > self.max_words

    @staticmethod
    def _unit(x):
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


class FakeDetector:
    """Detects drawn rectangles; the label is the colour. Touching ones of one colour merge.

    Attributes:
        batches: number of frames of each call.
    """

    name = "rectangles"

    def __init__(self):
        self.batches = []

    def detect(self, frames):
        self.batches.append(len(frames))
        return [self._boxes(nearest(frame)) for frame in frames]

    @staticmethod
    def _boxes(colours):
        from fiftyone_e3m.boxes import Boxes

        xyxy, labels = [], []
        for number, colour in enumerate(COLOURS):
            mask = (colours == number).astype(np.uint8)
            _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
            for x, y, w, h, area in stats[1:]:
                if area >= 40:  # smaller ones are compression artefacts
                    xyxy.append([x, y, x + w, y + h])
                    labels.append(colour)
        return Boxes.of(xyxy, [0.9] * len(labels), labels)


@pytest.fixture
def fake_encoder():
    """A `FakeEncoder`: deterministic colour features, counted."""
    return FakeEncoder()


@pytest.fixture
def fake_detector():
    """A `FakeDetector`: drawn rectangles by colour."""
    return FakeDetector()


@pytest.fixture(scope="session")
def stand_ins():
    """`stand_ins.encoder()`, `stand_ins.detector()`: new ones, for fixtures of a wider scope."""
    return SimpleNamespace(encoder=FakeEncoder, detector=FakeDetector)


@pytest.fixture
def known_encoder(fake_encoder):
    """An encoder with a fingerprint, so that its features are cached."""
    fake_encoder.fingerprint = "colours, version 1"
    return fake_encoder


@pytest.fixture
def known_detector(fake_detector):
    """A detector with a fingerprint, so that its boxes are cached."""
    fake_detector.fingerprint = "rectangles, version 1"
    return fake_detector


@pytest.fixture
def machine(monkeypatch):
    """`machine(cuda=2, mps=False)`: torch says that this machine has these devices.

    Nothing can be put there. torch's current device of CUDA is `current[-1]`, "outside" at first.
    """
    import torch

    monkeypatch.delenv("E3M_DEVICE", raising=False)
    current = ["outside"]

    @contextmanager
    def device(asked):
        current.append(str(asked))
        yield
        current.pop()

    def have(cuda=0, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "device", device)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(torch.mps, "empty_cache", lambda: None)
        return SimpleNamespace(current=current)

    return have


@pytest.fixture
def cache(tmp_path):
    """A `Cache` in the test's own folder, ``tmp_path / "cache"``."""
    from fiftyone_e3m.cache import Cache

    return Cache(tmp_path / "cache", max_bytes=10**7)


@pytest.fixture(scope="session")
def plugins_dir(tmp_path_factory):
    """A plugin folder into which `install-plugin` has linked the checkout."""
    import fiftyone as fo

    from fiftyone_e3m.cli.install import install_plugin

    folder, before = tmp_path_factory.mktemp("plugins"), fo.config.plugins_dir
    install_plugin(folder)
    fo.config.plugins_dir = str(folder)
    yield folder
    fo.config.plugins_dir = before


@pytest.fixture(scope="session")
def draw():
    """`draw({"red": (x1, y1, x2, y2)}, size=(160, 120))`: a frame, (H, W, 3) uint8 RGB."""
    return draw_boxes


@pytest.fixture(scope="session")
def draw_video():
    """`draw_video(path, frames, fps=10.0, size=(160, 120), codec="mp4v")`: writes a video.

    `frames` are mappings from colour to box, as for `draw`, or whole RGB images.
    """

    def write(path, frames, fps=10.0, size=(160, 120), codec="mp4v"):
        images = [draw_boxes(f, size) if isinstance(f, dict) else f for f in frames]
        height, width = images[0].shape[:2]
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), fps, (width, height))
        assert writer.isOpened(), f"OpenCV cannot write {codec} into {path.suffix}"
        for image in images:
            writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        writer.release()
        return path

    return write


@pytest.fixture(scope="session")
def film():
    """`film(path, images, ...)`: writes a video of any kind, see `films.film`."""
    from .films import film as write

    return write


@pytest.fixture(scope="session")
def unprivileged():
    """A context in which root, to whom permissions do not apply, is somebody else."""

    @contextmanager
    def become():
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(user)

    return become


@pytest.fixture
def open_folder():
    """A folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _shared(folder):
    if not (SHARED / folder).is_dir():
        reason = f"needs the real videos and models: there is no {SHARED / folder}"
        if os.environ.get("E3M_REQUIRE_SHARED"):
            pytest.fail(reason)
        pytest.skip(reason)
    return SHARED / folder


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real videos; skips the test where it is absent."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_models():
    """The folder of real models; skips the test where it is absent."""
    return _shared("models")


@pytest.fixture(scope="session")
def shared_clip(shared_data):
    """`shared_clip(name)`: path of a real clip's video, and its `boxes.json` as a dict."""

    def clip(name):
        folder = shared_data / "clips" / name
        return folder / "video.mp4", json.loads((folder / "boxes.json").read_text())

    return clip
