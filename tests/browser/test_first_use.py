"""Pins how a new user fares: from the start of the App to a corrected, accepted tube.

Clicks are counted in the page itself, and every answer is waited for.
"""

import re
import time

import pytest

from .forms import opened

pytestmark = pytest.mark.browser

BUTTON = "[data-item-id='@e3m/video-grounding/ground_videos']"
MOST_CLICKS, MOST_SECONDS = 15, 180
SENTENCE = "a man wearing a suit and a tie"
COUNT = """
window.clicks = 0;
addEventListener("pointerdown", () => { window.clicks += 1; }, true);
"""


@pytest.fixture(scope="module")
def own(demo):
    """The demo, as `make demo` leaves it, for these tests alone."""
    dataset = demo.clone("first-use", persistent=True)
    yield dataset
    dataset.delete()


@pytest.fixture
def started():
    """When the App is started."""
    return time.monotonic()


@pytest.fixture
def page(chromium, started, serve, own):
    """The App, just opened, with a counter of clicks."""
    with opened(chromium, serve(own), script=COUNT) as page:
        page.evaluate("window.clicks = 0")  # with or without a greeting
        yield page


def execute(page):
    button = page.locator("button:not([disabled])", has_text="Execute").first
    button.click()


def test_from_the_start_of_the_app_to_a_corrected_and_accepted_tube(
    page, own, started, shoot_of, figures, capsys
):
    shoot = shoot_of(page)
    page.locator(BUTTON).click()
    page.locator("textarea:visible").first.click()
    page.keyboard.type(SENTENCE)
    page.locator("input[value^='ViT-B-32']").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("bundled")
    page.get_by_role("option", name="bundled").click()
    page.get_by_text("Overwrite", exact=True).click()
    page.get_by_text(re.compile("3 videos")).first.wait_for()
    shoot("plan")
    execute(page)
    page.get_by_text("3 of 3 videos grounded").wait_for()
    page.get_by_role("button", name="Done").click()

    page.locator("[data-cy=looker]").first.click()
    page.locator("[data-cy=modal-looker-container]").wait_for()
    page.locator(".js-plotly-plot .nsewdrag").first.wait_for()
    own.reload()
    first, last = own.first().e3m_events.detections[0].support
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    share = (last - 1.5) / own.first().metadata.total_frame_count
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    page.get_by_role("button", name="Ends here").click()
    execute(page)
    page.get_by_text(re.compile("corrected, was")).wait_for()
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text(re.compile("; accepted")).first.wait_for()
    seconds, clicks = time.monotonic() - started, page.evaluate("window.clicks")
    with capsys.disabled():
        print(f"\na new user: {clicks} clicks, {seconds:.0f} s")
    own.reload()
    accepted = own.first().accepted_events.detections
    assert [event.label for event in accepted] == [SENTENCE]
    assert accepted[0].support[0] == first
    assert accepted[0].support[1] < last
    assert clicks <= MOST_CLICKS
    figures.tell("clicks", f"{clicks} clicks")
    assert seconds <= MOST_SECONDS
