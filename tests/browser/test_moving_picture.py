"""The moving picture at the top of the README, filmed in a real browser with the demo's videos.

Each test starts where the one before ended, and checks what it films: the text of the page, and
what is in the database. Not filmed are waiting and the arrangement of the panels; toasts are
hidden, as they cover the table.
"""

import re

import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.signals import store

from .forms import leave, opened
from .moving import Film, check

pytestmark = [pytest.mark.browser, pytest.mark.chained]

WIDE = {"width": 1600, "height": 700}
SIZE = {"width": 1040, "height": 700}
BUTTON = "[data-item-id='@e3m/video-grounding/ground_videos']"
MODAL = "[data-cy=modal]"
ROWS = f"{MODAL} .nsewdrag"
"""The curves of the timeline, one per sentence."""
MAN, MOTORBIKE = "a man wearing a suit and a tie", "a parked motorbike"
MAN_FOUND, MOTORBIKE_FOUND = [31, 48], [94, 137]
TRUE_START = 103
"""The frame in which the motorbike comes into view, by ``truth.json``."""
FRAMES, FPS = 250, 25
QUALITY = 85
NO_TOASTS = "[class*=SnackbarContainer] {display: none !important}"
ALL_DRAWN = """() => [...document.querySelectorAll("[data-cy=fo-grid] [data-cy=looker]")].every(
    sample => sample.querySelector("canvas[canvas-loaded=true]"))"""
STAYS = """text => {
    const shown = document.querySelector("[data-cy=modal]")
        .textContent.replace(/\\s+/g, " ").includes(text);
    if (!shown) window.shownSince = null;
    else window.shownSince ??= performance.now();
    return shown && performance.now() - window.shownSince > 1000;
}"""
"""Whether a text has been there for a second: a player that loads goes back to its first frame."""


@pytest.fixture(scope="module")
def own(demo):
    """Two videos of the demo, not grounded yet, and a form that was used before."""
    dataset = demo.clone("my-clips", persistent=True)
    colours = dataset.app_config.color_scheme.copy()
    dataset.delete_samples(dataset.match(F("filepath").contains_str("bigbuckbunny")))
    e3m.delete_grounding(dataset)
    dataset.delete_sample_fields(["sentences", "gt_events"])
    dataset.delete_frame_field("gt")
    dataset.app_config.color_scheme = colours
    dataset.save()
    store(dataset).set("form/anybody", {"encoder": "bundled", "config": {"not_found_below": 0.3}})
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def page(chromium, serve, own):
    """The App with these videos, without its sidebar."""
    with opened(chromium, serve(own), WIDE) as page:
        page.add_style_tag(content=NO_TOASTS)
        page.locator("[data-item-id=toggle-sidebar]").click()
        page.set_viewport_size(SIZE)
        enlarge(page, 0.85)
        yield page


@pytest.fixture(scope="module")
def film(page):
    """The film of this page."""
    return Film(page, at=(620, 420))


def enlarge(page, share):
    """Sets the size of the grid's pictures by its slider, and waits for them."""
    rail = page.locator("[data-cy=slider] .rail").nth(1).bounding_box()
    page.mouse.click(rail["x"] + rail["width"] * share, rail["y"] + rail["height"] / 2)
    page.mouse.move(1, 1)
    page.wait_for_function(ALL_DRAWN)


def widen_overview(page):
    """Drags the border between grid and overview, so that no line of the table is broken."""
    border = page.locator(".sash-vertical").first.bounding_box()
    x, y = border["x"] + border["width"] / 2, border["y"] + border["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(400, y, steps=8)
    page.mouse.up()


def hide_fields(page):
    """Hides the sidebar of open videos, by opening one that is not filmed."""
    page.locator("[data-cy=looker]").last.click()
    page.locator(f"{MODAL} [data-cy=sidebar]").wait_for()
    page.keyboard.press("s")
    page.locator(f"{MODAL} [data-cy=sidebar]").wait_for(state="hidden")
    leave(page)


def clock(frame):
    return f"0:{(frame - 1) / FPS:05.2f} / 0:10.00"


def play(page, film, first, last):
    """Films the player frame by frame."""
    for frame in range(first, last):
        page.keyboard.press(".")
        page.get_by_text(clock(frame + 1)).first.wait_for()
        film.look(0.08)


def click_curve(page, film, row, frame):
    """Clicks a curve of the timeline, and waits until player and panel show the frame."""
    curve = page.locator(ROWS).nth(row).bounding_box()
    share = (frame - 0.5) / FRAMES
    film.click((curve["x"] + curve["width"] * share, curve["y"] + curve["height"] / 2))
    page.get_by_text(f"Frame {frame}").first.wait_for()
    page.locator(f"{MODAL} .js-plotly-plot image").first.wait_for()
    page.wait_for_function(STAYS, arg=clock(frame))


def executable(page):
    return page.locator("button:not([disabled])", has_text="Execute").first


def accept(page, film):
    film.click(page.get_by_role("button", name="Accept", exact=True))
    page.get_by_text(re.compile("; accepted")).first.wait_for()
    film.look(0.8)


def events(own):
    own.reload()
    return {event.label: event for event in own.first().e3m_events.detections}


def test_two_sentences_are_typed_and_found(page, film, own):
    film.look(0.8)
    film.click(page.locator(BUTTON))
    page.get_by_role("button", name="Execute").wait_for()
    film.look(0.3)
    film.click(page.locator("textarea:visible").first)
    film.look(0.2)
    film.type(MAN)
    page.keyboard.press("Enter")
    film.type(MOTORBIKE)
    page.get_by_text(re.compile("2 videos")).first.wait_for()
    executable(page).wait_for()
    film.look(0.6)
    film.click(executable(page))
    page.get_by_text("loading models").wait_for()
    film.glance(0.3)
    page.get_by_text(re.compile("[01]/2 videos")).first.wait_for()
    film.glance(0.4)
    page.get_by_text("2/2 videos").wait_for()
    page.locator("[data-cy=tag-e3m_events]").first.wait_for()
    film.look(0.3)
    film.click(page.get_by_role("button", name="Done"))
    page.get_by_role("button", name="Done").wait_for(state="hidden")
    page.wait_for_function(ALL_DRAWN)
    film.look(1.4)
    found = events(own)
    assert found[MAN].support == MAN_FOUND
    assert found[MOTORBIKE].support == MOTORBIKE_FOUND
    assert [event.label for event in own.last().e3m_events.detections] == [MAN]


def test_the_overview_lists_what_to_review(page, film):
    hide_fields(page)
    film.look(0.1)
    film.click(page.locator("[data-cy=new-panel-btn]").first)
    entry = page.get_by_text("Grounding overview").first
    entry.wait_for()
    film.look(0.2)
    film.click(entry)
    page.get_by_role("button", name="Least confident first").wait_for()
    widen_overview(page)
    enlarge(page, 1)
    page.get_by_text("3 events: 3 to review").first.wait_for()
    film.look(1.2)


def test_the_man_is_watched_and_accepted(page, film, own):
    film.click(page.locator("[data-cy=looker]").first)
    page.locator(ROWS).nth(1).wait_for()
    page.wait_for_function(STAYS, arg=clock(1))
    film.look(0.6)
    click_curve(page, film, row=0, frame=MAN_FOUND[0])
    film.look(0.4)
    play(page, film, MAN_FOUND[0], MAN_FOUND[1] - 1)
    accept(page, film)
    assert events(own)[MAN].review == "accepted"
    assert own.first().frames[40].accepted.detections[0].label == MAN


def test_the_motorbike_is_corrected_and_accepted(page, film, own):
    click_curve(page, film, row=1, frame=MOTORBIKE_FOUND[0])
    film.look(0.6)
    click_curve(page, film, row=1, frame=TRUE_START)
    film.look(0.7)
    film.click(page.get_by_role("button", name="Begins here"))
    executable(page).wait_for()
    film.look(0.6)
    film.click(executable(page))
    page.get_by_text("corrected, was 94 - 137").wait_for()
    film.look(0.6)
    play(page, film, TRUE_START, TRUE_START + 10)
    accept(page, film)
    event = events(own)[MOTORBIKE]
    assert event.support == [TRUE_START, MOTORBIKE_FOUND[1]]
    assert event.original_support == MOTORBIKE_FOUND
    assert event.review == "accepted"


def test_the_overview_has_followed_and_the_film_is_one_for_a_readme(page, film, pictures):
    leave(page)
    page.get_by_text("3 events: 1 to review, 2 accepted").first.wait_for()
    film.look(2)
    film.save(pictures / "moving.webp", QUALITY)
    check(pictures / "moving.webp")
