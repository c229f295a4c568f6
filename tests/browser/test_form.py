"""Pins the form of *Ground videos* in a real App: what is folded, kept, previewed and refused."""

import re

import cv2
import fiftyone as fo
import numpy as np
import pytest

from .forms import opened

pytestmark = pytest.mark.browser

N = 20
BUTTON = "[data-item-id='@e3m/video-grounding/ground_videos']"
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
    with opened(chromium, serve(library)) as page:
        yield page


@pytest.fixture
def shoot(page, shoot_of):
    """Saves a screenshot of the page with the library."""
    return shoot_of(page)


def open_form(page):
    page.locator(BUTTON).click()
    page.get_by_role("button", name="Execute").wait_for()


def execute(page):
    page.locator("button:not([disabled])", has_text="Execute").first.click()


def choose_encoder(page, now, name):
    page.locator(f"input[value^='{now}']").click()
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def test_the_form_is_short_and_says_what_is_missing(page, shoot):
    open_form(page)
    page.locator("textarea:visible").first.fill("a red box")
    page.get_by_text(re.compile("Not on this machine.*605 MB")).wait_for()
    shoot("form")
    more = page.get_by_role("button", name="More settings")
    assert more.get_attribute("aria-expanded") == "false"
    more.click()
    page.get_by_text("Field name", exact=True).click()  # it is in sight
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Execute").wait_for(state="hidden")


def test_the_preview_is_of_the_selected_video(page, shoot, library):
    corner = page.locator("[data-cy=looker]").nth(1).bounding_box()
    page.mouse.move(corner["x"] + 14, corner["y"] + 14)
    page.mouse.click(corner["x"] + 14, corner["y"] + 14)
    open_form(page)
    page.locator("textarea:visible").first.fill("a red box")
    choose_encoder(page, "ViT-B-32", "bundled")
    page.get_by_text(re.compile("1 video.*not known yet")).wait_for()
    page.get_by_role("button", name="Preview on the first video").click()
    page.get_by_text("Preview a grounding on one video").wait_for()
    execute(page)
    page.get_by_text("second.webm: nothing was written").wait_for()
    shoot("previewed")
    page.get_by_role("button", name="Close").click()


def test_the_run_opens_with_the_values_of_the_preview(page, shoot, library):
    open_form(page)
    page.get_by_text(re.compile("1 video.*in about")).wait_for()
    assert page.locator("textarea:visible").first.input_value() == "a red box"
    assert page.locator("input[value='bundled']").count() == 1
    execute(page)
    page.get_by_text("1 of 1 videos grounded").wait_for()
    page.get_by_role("button", name="Done").click()
    library.reload()
    assert library.values("e3m_status") == [None, "ok", None]


def test_schedule_can_be_chosen_and_a_refusal_while_running_is_a_toast(page, shoot, library):
    open_form(page)
    choose_encoder(page, "bundled", "ViT-B-32/laion2b_s34b_b79k")
    page.get_by_text("Overwrite", exact=True).click()
    page.get_by_text(re.compile("Not on this machine")).wait_for()
    execute_button = page.locator("button:not([disabled])", has_text="Execute").first
    execute_button.locator("xpath=following-sibling::button").click()
    schedule = page.get_by_role("menuitem", name=re.compile("Schedule"))
    schedule.wait_for()
    assert schedule.get_attribute("aria-disabled") != "true"
    page.get_by_role("menuitem", name=re.compile("Execute")).click()
    execute(page)
    page.get_by_text(re.compile("Ended: The weights of encoder.*could not be loaded")).wait_for()
    shoot("refused")
    assert page.get_by_text("Traceback").count() == 0
    library.reload()
    assert library.values("e3m_status") == [None, "ok", None]
