"""*Next* in the timeline leads through the sentences of all videos, in a real browser."""

import pytest

from .forms import opened

pytestmark = pytest.mark.browser


@pytest.fixture
def own(demo):
    """The demo, not reviewed yet."""
    dataset = demo.clone("next", persistent=True)
    yield dataset
    dataset.delete()


@pytest.fixture
def page(chromium, serve, own):
    """The App with these videos."""
    with opened(chromium, serve(own)) as page:
        yield page


def test_next_goes_to_where_the_next_sentence_by_confidence_begins(page, own):
    found = [(event, video) for video in own for event in video.e3m_events.detections]
    queue = sorted(found, key=lambda one: one[0].confidence)
    last = own.last().e3m_events.detections[0]
    at = next(i for i, (event, _) in enumerate(queue) if event.id == last.id)
    following = (queue[at + 1 :] + queue[:at])[:2]
    assert {video.id for _, video in following} != {own.last().id}, "it leads to other videos"

    page.locator("[data-cy=looker]").last.click()
    page.get_by_text("(frames {} - {})".format(*last.support)).first.wait_for()
    for event, video in following:
        page.get_by_role("button", name="Next", exact=True).click()
        page.get_by_text("(frames {} - {})".format(*event.support)).first.wait_for()
        seconds = (event.support[0] - 1) / video.metadata.frame_rate
        page.get_by_text(f"0:{seconds:05.2f} / ").first.wait_for()
