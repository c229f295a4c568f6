"""Pins that a hostile sentence, label or file name does nothing in the App: it is only shown.

Each text tries to run a script and to load a picture from a server that counts requests.
"""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import cv2
import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m

from .forms import open_operator, opened

pytestmark = pytest.mark.browser

N = 20
TRAP = (
    "a red box ![x]({at}/markdown.png) <img src={at}/html.png onerror=window.hacked=1>"
    "<script>window.hacked=1</script> [y](javascript:window.hacked=1) $\\frac$"
)


@pytest.fixture(scope="module")
def trap():
    """Address of a server that nothing may ask, and the paths that were asked for."""
    asked = []

    class Count(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Count) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.fixture(scope="module")
def hostile(trap, tmp_path_factory, stand_ins):
    """A grounded dataset in which every text is hostile."""
    text = TRAP.format(at=trap[0])
    folder = tmp_path_factory.mktemp("hostile")
    names = ["<img src=x onerror=window.hacked=1>![x](y).webm", "broken![x](y).mp4"]
    paths = [folder / name for name in names]
    writer = cv2.VideoWriter(str(paths[0]), cv2.VideoWriter_fourcc(*"VP80"), 10, (160, 120))
    for i in range(N):
        image = np.full((120, 160, 3), 60, np.uint8)
        if 5 <= i < 15:
            image[20:80, 20:80] = (30, 30, 220)
        writer.write(image)
    writer.release()
    paths[1].write_text("no video")
    dataset = fo.Dataset(persistent=True)
    for path in paths:
        known = fo.VideoMetadata(frame_width=160, frame_height=120, frame_rate=10.0)
        known.total_frame_count, known.duration = N, N / 10  # else the App needs ffprobe
        dataset.add_sample(fo.Sample(filepath=str(path), caption=text, metadata=known))
    models = {"encoder": stand_ins.encoder(), "detector": stand_ins.detector()}
    e3m.ground(dataset, [text, "a red box"], **models)
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def page(chromium, serve, hostile):
    """The App with the hostile dataset."""
    with opened(chromium, serve(hostile)) as page:
        yield page


@pytest.fixture
def unharmed(page, trap):
    """Checks at the end of a test that nothing ran and nothing was loaded."""
    yield
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None
    assert trap[1] == []
    assert page.locator(f"img[src*='{trap[0]}'], img[src='x'], img[src='y']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_the_overview_shows_hostile_texts_as_they_are(page, unharmed):
    page.locator("[data-cy=new-panel-btn]").first.click()
    page.get_by_text("Grounding overview").first.click()
    page.get_by_text("Last run").first.wait_for()
    page.get_by_text("![x](http://").first.wait_for()
    page.get_by_text("<script>").first.wait_for()
    page.get_by_text(re.compile("broken!\\[x\\]\\(y\\).mp4")).first.wait_for()


@pytest.mark.parametrize(
    "name",
    [
        "Ground videos",
        "Accept tubes as ground truth",
        "Delete a grounding",
        "Save views for review",
    ],
)
def test_forms_show_hostile_texts_as_they_are(page, unharmed, name):
    open_operator(page, name)
    page.wait_for_timeout(1500)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Execute").wait_for(state="hidden")


def test_the_result_of_an_operator_shows_hostile_texts_as_they_are(page, unharmed):
    open_operator(page, "Prepare tubes for annotation")
    page.locator("button:not([disabled])", has_text="Execute").first.click()
    page.get_by_text(re.compile(r"boxes -> \d+ keyframes")).first.wait_for()
    page.get_by_text("![x](http://").first.wait_for()
    page.get_by_role("button", name="Close").click()


def test_an_error_shows_hostile_texts_as_they_are(page, unharmed, hostile, trap):
    text = TRAP.format(at=trap[0])
    hostile.save_view(f"view {text}", hostile.exists("e3m_events"))
    open_operator(page, "Delete a grounding")
    page.get_by_text("![x](http://").first.wait_for()
    page.keyboard.press("Escape")


def test_the_timeline_shows_hostile_texts_as_they_are(page, unharmed):
    page.locator("[data-cy=looker]").first.click()
    page.locator("[data-cy=modal]").wait_for()
    page.get_by_text("Relevance timeline").first.click()
    page.get_by_text(re.compile(r"confidence 0\.\d\d")).first.wait_for()
    page.get_by_text("![x](http://").first.wait_for()
