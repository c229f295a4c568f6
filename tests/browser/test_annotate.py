"""Pins that a person edits a tube in FiftyOne's own Annotate tab, in a real Chromium.

Frames are 10 per second; the red box is in frames 6 to 25 of 30 and moves right. Each test starts
where the previous one ended. The timeline's rows are known by FiftyOne's ids, and what was saved is
read from the database.
"""

import json
import re
import time

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m

from .forms import PATIENCE, open_operator, opened

pytestmark = [pytest.mark.browser, pytest.mark.chained]

N, FPS = 30, 10
SIZE = (160, 120)
RED = "a red box"
LABELS = 180
"""Width of the names of the timeline's rows, in pixels."""


def box_at(number):
    """The red box in a frame, xyxy in pixels."""
    return (4 * number, 20, 4 * number + 40, 60)


@pytest.fixture(scope="module")
def edited(tmp_path_factory, film, draw, stand_ins):
    """A grounded dataset of one video, in the state that made the Annotate tab load for ever."""
    numbers = range(1, N + 1)
    shown = {n: {"red": box_at(n)} if 6 <= n <= 25 else {} for n in numbers}
    path = tmp_path_factory.mktemp("annotate") / "clip.mp4"
    film(path, [draw(shown[n], SIZE) for n in numbers], fps=FPS)
    known = fo.VideoMetadata(frame_width=SIZE[0], frame_height=SIZE[1], frame_rate=FPS)
    known.total_frame_count, known.duration = N, N / FPS  # else the App needs ffprobe
    dataset = fo.Dataset(persistent=True)
    dataset.add_sample(fo.Sample(filepath=str(path), metadata=known))
    e3m.ground(dataset, RED, encoder=stand_ins.encoder(), detector=stand_ins.detector())
    original = "e3m_events.detections.original_support"
    dataset.remove_dynamic_sample_field(original)
    dataset.add_sample_field(original, fo.FrameSupportField)
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def page(chromium, serve, edited):
    """The video, opened in the Annotate tab, with the rows of the timeline unfolded."""
    with opened(chromium, serve(edited)) as page:
        saved(page, edited, lambda _: mended(edited))  # the tab reads the schemas when it is opened
        page.locator("[data-cy=looker]").first.click()
        page.locator("[data-cy=annotate]").first.click()
        page.get_by_label("Show tracks").click()
        row(page, "tube").wait_for()
        yield page


@pytest.fixture(scope="module")
def sight(page, shoot_of):
    """`sight("annotate")`: saves a screenshot of the page."""
    return shoot_of(page)


def mended(dataset):
    """Whether the schema is one that the Annotate tab can load."""
    field = dataset.get_field("e3m_events.detections.original_support")
    return not isinstance(field, fo.FrameSupportField)


def row(page, kind):
    """The row of the tube or of the event in the timeline."""
    event = "[data-track-id^='td-']"
    return page.locator(event if kind == "event" else f"[data-track-id]:not({event})").first


def drag(page, start, end):
    """Drags the mouse as a hand does, in steps."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def width_of_a_frame(page):
    """In the rows of the timeline, in pixels."""
    return (row(page, "tube").bounding_box()["width"] - LABELS) / N


def seek(page, number):
    """Goes to a frame, by a click into its place on the ruler above the rows."""
    place = row(page, "tube").bounding_box()
    x = place["x"] + LABELS + width_of_a_frame(page) * (number - 0.5)
    page.mouse.click(x, place["y"] - 15)
    page.get_by_text(f"0:0{(number - 1) / FPS:.2f} / 0:03.00").wait_for()


def on_picture(page, x, y):
    """A place on the screen, from one in pixels of the video."""
    area = page.locator("[data-cy=lighter-sample-renderer-canvas]").bounding_box()
    scale = min(area["width"] / SIZE[0], area["height"] / SIZE[1])
    left = area["x"] + (area["width"] - SIZE[0] * scale) / 2
    return left + x * scale, area["y"] + (area["height"] - SIZE[1] * scale) / 2 + y * scale


def saved(page, edited, read):
    """What is read from the database, once it is there: the page saves by itself after a while."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        edited.reload()
        if found := read(edited.first()):
            return found
        page.wait_for_timeout(100)
    raise AssertionError("nothing was saved")


def tube(dataset, field="e3m"):
    """The first box of each frame."""
    return {n: f[field].detections[0] for n, f in dataset.first().frames.items() if f[field]}


def test_opening_the_dataset_has_mended_it(page, edited):
    edited.reload()
    assert mended(edited)


def test_tube_and_event_are_rows_of_the_timeline_with_few_keyframes(page, edited, sight):
    (event,) = edited.first().e3m_events.detections
    keyframes = [n for n, box in tube(edited).items() if box.keyframe]
    titles = row(page, "tube").locator("[data-event-index][title]")
    shown = titles.evaluate_all("all => all.map(one => one.title)")
    times = [float(re.search(r"@ ([\d.]+)s", title)[1]) for title in shown if "Keyframe" in title]
    assert [round(time * FPS) + 1 for time in times] == keyframes
    assert len(keyframes) < len(tube(edited)) / 2
    assert row(page, "event").get_by_text(RED).count()
    assert event.support[0] < 10 < 20 < event.support[1]
    sight("annotate")


def test_a_dragged_box_is_a_keyframe_and_its_neighbours_are_interpolated(page, edited, sight):
    before = {n: box.bounding_box for n, box in tube(edited).items()}
    seek(page, 16)
    x1, y1, x2, y2 = box_at(16)
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    drag(page, on_picture(page, *middle), on_picture(page, middle[0], middle[1] + 30))
    saved(page, edited, lambda sample: sample.frames[16].e3m.detections[0].keyframe)
    after = {n: box.bounding_box for n, box in tube(edited).items()}
    moved = {n: after[n][1] - before[n][1] for n in after}
    assert moved[16] == pytest.approx(30 / SIZE[1], abs=0.02)
    assert 0 < moved[13] < moved[15] < moved[16] > moved[17] > moved[19] > 0
    assert moved[min(moved)] == moved[max(moved)] == 0
    sight("edited")


def test_the_tube_follows_a_dragged_event(page, edited, sight):
    (event,) = edited.first().e3m_events.detections
    first, last = event.support
    edge = row(page, "event").locator("[data-resize-handle=start]").bounding_box()
    place = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2
    drag(page, place, (place[0] + 3 * width_of_a_frame(page), place[1]))
    saved(page, edited, lambda sample: sample.e3m_events.detections[0].support[0] > first)
    open_operator(page, "Follow edited events")
    page.locator("button:not([disabled])", has_text="Execute").first.click()
    page.get_by_text("1 tubes of 1 videos follow their event").wait_for()
    edited.reload()
    (event,) = edited.first().e3m_events.detections
    assert event.support == [first + 3, last]
    assert (event.corrected, event.original_support) == (True, [first, last])
    assert min(tube(edited)) == first + 3
    start = f"in frame  ({(first + 2) / FPS:.2f}-{last / FPS:.2f}s)"
    row(page, "tube").locator(f"[title='{start}']").wait_for()
    sight("followed")


def test_what_was_edited_is_accepted_and_handed_over(page, edited, tmp_path):
    open_operator(page, "Accept tubes as ground truth")
    page.locator("button:not([disabled])", has_text="Execute").first.click()
    page.get_by_text("1 tubes of 1 videos accepted").wait_for()
    edited.reload()
    report = e3m.prepare_for_annotation(
        edited, "accepted", format="coco", out=tmp_path, overwrite=True
    )
    assert not report.problems
    annotations = json.loads((tmp_path / "labels.json").read_text())["annotations"]
    places = [note["bbox"] for note in annotations]
    expected = [box.bounding_box for box in tube(edited).values()]
    scale = [*SIZE, *SIZE]
    assert places == [
        pytest.approx([v * s for v, s in zip(box, scale, strict=True)], abs=0.001)
        for box in expected
    ]


def test_a_new_box_is_drawn_with_the_sentence_as_its_label(page, edited, sight):
    seek(page, 2)
    page.locator("[data-cy=detection-mode]").click()
    drag(page, on_picture(page, 20, 70), on_picture(page, 60, 100))
    drawn = saved(page, edited, lambda sample: sample.frames[2].e3m)
    (box,) = drawn.detections
    assert (box.label, box.keyframe) == (RED, True)
    assert box.bounding_box == pytest.approx([20 / 160, 70 / 120, 40 / 160, 30 / 120], abs=0.02)
    sight("drawn")
