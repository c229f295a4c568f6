"""Pins the form of *Ground videos* in a real App: what is folded, kept, previewed and refused."""

import re

import cv2
import fiftyone as fo
import numpy as np
import pytest

from .forms import open_operator

pytestmark = pytest.mark.browser

N = 20
NAMES = ["first.webm", "second.webm", "third.webm"]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Three videos of a red box, with boxes in `frames.boxes`."""
    folder = tmp_path_factory.mktemp("library")
    dataset = fo.Dataset(persistent=True)
    for name in NAMES:
        writer = cv2.VideoWriter(
            str(folder / name), cv2.VideoWriter_fourcc(*"VP80"), 10, (160, 120)
        )
        for _ in range(N):
            image = np.full((120, 160, 3), 60, np.uint8)
            image[20:80, 20:80] = (30, 30, 220)
            writer.write(image)
        writer.release()
        known = fo.VideoMetadata(frame_width=160, frame_height=120, frame_rate=10.0)
        known.total_frame_count, known.duration = N, N / 10
        sample = fo.Sample(filepath=str(folder / name), metadata=known)
        for i in range(N):
            box = fo.Detection(label="box", bounding_box=[0.125, 0.17, 0.375, 0.5])
            sample.frames[i + 1] = fo.Frame(boxes=fo.Detections(detections=[box]))
        dataset.add_sample(sample)
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def page(chromium, serve, library):
    """The App with the library."""
    page = chromium.new_context(viewport={"width": 1600, "height": 950}).new_page()
    page.set_default_timeout(60_000)
    page.goto(serve(library))
    page.locator("[data-cy=looker]").first.wait_for()
    greeting = page.get_by_text("Dismiss")
    if greeting.count():
        greeting.first.click()
    yield page
    page.close()


@pytest.fixture
def shoot(page, shoot_of):
    return shoot_of(page)


def ready(page):
    button = page.locator("button:not([disabled])", has_text="Execute").first
    button.wait_for()
    return button


def choose_bundled(page):
    page.locator("input[value^='ViT-B-32']").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("bundled")
    page.get_by_role("option", name="bundled").click()


def test_the_form_is_short_and_says_what_is_missing_and_what_will_happen(page, shoot):
    open_operator(page, "Ground videos")
    page.locator("textarea:visible").first.fill("a red box")
    page.get_by_text("Detections of the dataset").click()
    page.get_by_text(re.compile("Not on this machine.*605 MB")).wait_for()
    shoot("form")
    assert not page.get_by_text("Field name").is_visible()
    page.get_by_role("button", name="More settings").click()
    page.get_by_text("Field name").wait_for()
    shoot("unfolded")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Execute").wait_for(state="hidden")


def test_the_preview_is_of_the_selected_video(page, shoot, library):
    looker = page.locator("[data-cy=looker]").nth(1)
    looker.hover()
    looker.locator("input[type=checkbox]").click(force=True)
    page.get_by_role("button", name="Ground videos").first.click()
    page.locator("textarea:visible").first.fill("a red box")
    page.get_by_text("Detections of the dataset").click()
    choose_bundled(page)
    page.get_by_text(re.compile("1 video.*not known yet")).wait_for()
    shoot("selected")
    page.get_by_role("button", name="Preview on the first video").click()
    page.wait_for_timeout(3000)
    shoot("preview-form")
    ready(page).click()
    page.get_by_text("nothing was written").wait_for()
    shoot("preview-shown")
    page.get_by_text("second.webm: nothing was written").wait_for()
    page.get_by_role("button", name="Close").click()


def test_the_run_opens_with_the_values_of_the_preview_and_can_be_scheduled(page, shoot, library):
    page.get_by_role("button", name="Ground videos").first.click()
    page.get_by_text(re.compile("1 video.*in about")).wait_for()
    assert page.locator("textarea:visible").first.input_value() == "a red box"
    assert page.locator("input[value='bundled']").count() == 1
    shoot("kept")
    ready(page).click()
    page.get_by_text("1 of 1 videos grounded").wait_for()
    shoot("done")
    page.get_by_role("button", name="Done").click()
    library.reload()
    assert library.values("e3m_status") == [None, "ok", None]


def test_a_refusal_while_running_is_a_toast(page, shoot, library):
    page.get_by_role("button", name="Ground videos").first.click()
    page.get_by_text("More settings").wait_for()
    page.keyboard.press("Escape")
