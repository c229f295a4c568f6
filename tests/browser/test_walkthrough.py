"""The walk-through of docs/app.md in a real browser; also takes its screenshots.

One session, one page, step after step, like a user: each test starts where the previous one ended.
The tests check what the user sees, and what is in the database afterwards.
"""

import contextlib
import re

import pytest

import fiftyone_e3m as e3m

from .forms import open_operator

pytestmark = [pytest.mark.browser, pytest.mark.chained]

BARS = 20
"""Number of bars of the confidence histogram."""
REMEMBER_STOP = """() => new MutationObserver(() => {
    window.saidStopped ||= document.body.textContent.includes("stopped on request");
}).observe(document.body, {childList: true, subtree: true})"""
"""Notes that the page said so: a toast goes before the test is back from another tab."""
CLICKS = 3
"""Most clicks on an evaluation before it must open."""
MAN = "a man wearing a suit and a tie"
TIE = ["a man with a red bow tie", "a red bow tie"]


def ready(page):
    """Waits until the form can be executed."""
    button = page.locator("button:not([disabled])", has_text="Execute").first
    button.wait_for()
    return button


def execute(page):
    ready(page).click()


def open_evaluation(page, key):
    """Opens an evaluation of the list; a click is lost if the App redraws the list just then."""
    from playwright.sync_api import TimeoutError as NotShown

    row = "(m_vIoU|m_tIoU|vIoU@0.3|vIoU@0.5) (0.[0-9]+|1)$"
    scores = page.get_by_role("row", name=re.compile(row)).nth(3)
    for _ in range(CLICKS):
        page.get_by_text(key, exact=True).first.click()
        with contextlib.suppress(NotShown):
            return scores.wait_for(timeout=20_000)
    return scores.wait_for()


def choose_bundled(page):
    """Chooses the encoder included in the package."""
    page.locator("input[value^='ViT-B-32']").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("bundled")
    page.get_by_role("option", name="bundled").click()


def choose(page, present, option):
    """Chooses from the dropdown of a form that currently shows `present`."""
    page.locator("[role=combobox]", has_text=present).click()
    page.get_by_role("option", name=option).click()


def add_checked_truth(demo):
    """Accepts all tubes, then shortens one event and moves the boxes of one object."""
    e3m.accept_tubes(demo, into="checked")
    sample = demo.first()
    too_long, wrong = sample.checked_events.detections[:2]
    first, last = too_long.support
    too_long.support = [first, first + (last - first) // 3]
    for frame in sample.frames.values():
        for box in frame.checked.detections if frame.checked else []:
            if box.label == wrong.label:
                box.bounding_box = [0, 0, 0.1, 0.1]
    sample.save()


def open_overview(page):
    """Opens the overview beside the grid, unless it is already open."""
    page.locator("[data-cy=looker]").first.wait_for()
    overview = page.locator("[data-cy=panel-tab-grounding_overview]")
    if not overview.count():
        page.locator("[data-cy=new-panel-btn]").first.click()
        page.get_by_text("Grounding overview").first.click()
    page.get_by_role("button", name="Least confident first").wait_for()


def only_copies(demo, n):
    """Leaves `n` copies of the first video, the longest: each lasts until a stop was seen."""
    first = demo.first()
    demo.delete_samples(demo.skip(1))
    demo.add_samples([first.copy() for _ in range(n - 1)])


def show_all(page):
    """Clears the view and waits until the view bar is empty."""
    page.get_by_role("button", name="Show all").click()
    page.get_by_placeholder("+ add stage").wait_for()
    page.get_by_text("3 samples").first.wait_for()


def samples(page):
    """Number of samples shown in the grid, from its label."""
    text = page.get_by_text(re.compile(r"^\d+ samples?$")).first.inner_text()
    return int(text.split()[0])


def plot(page, x, y):
    """Moves the mouse to a plot position, in fractions of its width and height from top left."""
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    at = box["x"] + box["width"] * x, box["y"] + box["height"] * y
    page.mouse.move(*at)
    page.locator(".js-plotly-plot .hoverlayer .hovertext").first.wait_for()
    return at


def test_videos_are_grounded_again_from_the_operator_browser(page, shoot, demo):
    assert samples(page) == 3
    shoot("grid", grid=True)
    open_operator(page, "Ground videos")
    page.get_by_text("From fields of each video").click()
    page.get_by_placeholder("Type and press enter to add a value").click()
    page.get_by_role("option", name="sentences").click()
    choose_bundled(page)
    page.get_by_text("Overwrite", exact=True).click()
    ready(page)
    shoot("ground")
    execute(page)
    page.get_by_text(re.compile("[12]/3 videos.* left")).first.wait_for()
    shoot("progress")
    page.get_by_text("3 of 3 videos grounded").wait_for()
    shoot("grounded")
    demo.reload()
    assert demo.values("e3m_status") == ["ok"] * 3
    assert demo.values("e3m_events.detections.label")[2] == TIE
    page.get_by_role("button", name="Done").click()


def test_the_timeline_is_open_beside_the_video_with_a_row_per_sentence(page, shoot, figures, demo):
    page.locator("[data-cy=looker]").first.click()
    page.locator("[data-cy=modal-looker-container]").wait_for()
    page.get_by_text("1.2 - 1.9 s (frames 31 - 48)").wait_for()
    events, truth = demo.first().e3m_events.detections, demo.first().gt_events.detections
    page.locator(".js-plotly-plot .nsewdrag").nth(len(events) - 1).wait_for()
    bands = page.locator(".js-plotly-plot .shapelayer path").count()
    assert bands == len(events) + len(truth), "event and ground truth of each"
    shoot("timeline")
    (true,) = (event for event in truth if event.label == MAN)
    found = f"frame {events[0].support[1]}, but the man is in view only until {true.support[1]}"
    figures.tell("corrected", found)


def test_a_click_in_the_curve_moves_the_player_and_shows_the_frame_and_its_box(page, shoot):
    page.mouse.click(*plot(page, 0.141, 0.5))
    page.get_by_text(re.compile(r"Frame 3[567]")).wait_for()
    page.get_by_text(re.compile(r"0:01\.[34]\d / 0:10\.00")).wait_for()
    page.locator(".js-plotly-plot image[*|href^='data:image/jpeg']").wait_for()
    shoot("frame")


def test_the_event_is_corrected_at_the_clicked_frame(page, shoot, demo):
    page.mouse.click(*plot(page, 0.1845, 0.5))
    page.get_by_text(re.compile(r"Frame 4[678]")).wait_for()
    page.get_by_role("button", name="Ends here").click()
    ready(page)
    shoot("correct")
    execute(page)
    page.get_by_text(re.compile(r"corrected, was 31 - 48")).wait_for()
    shoot("corrected")
    demo.reload()
    event = demo.first().e3m_events.detections[0]
    assert event.support[0] == 31
    assert event.support[1] in (46, 47)
    assert event.original_support == [31, 48]


def test_the_tube_is_accepted_as_ground_truth(page, shoot, demo):
    page.get_by_role("button", name="Accept", exact=True).click()
    page.get_by_text(re.compile("; accepted")).first.wait_for()
    shoot("accept")
    demo.reload()
    labels = demo.values("accepted_events.detections.label")
    assert labels == [[MAN], None, None], "the sentence that was looked at"
    assert demo.first().frames[40].accepted.detections[0].label == MAN


def test_an_event_is_opened_as_a_clip(page, shoot):
    page.get_by_role("button", name="Open as clip").click()
    page.locator("[data-cy=modal]").wait_for(state="hidden")
    page.get_by_text("1 clip").first.wait_for()
    shoot("clip", grid=True)


def test_the_overview_filters_by_confidence(page, shoot, demo):
    open_overview(page)
    page.get_by_text("3 ok").first.wait_for()
    show_all(page)
    shoot("overview", grid=True)
    confidences = demo.values("e3m_confidence")
    bars = [int(confidence * BARS) for confidence in confidences]
    lowest = min(bars)
    page.mouse.click(*plot(page, (lowest + 0.5) / BARS, 0.9))
    text = re.compile(rf"^{bars.count(lowest)} samples?$")
    page.get_by_text(text).first.wait_for()
    shoot("filtered", grid=True)
    page.get_by_role("button", name="Least confident first").click()
    page.get_by_text("3 samples").first.wait_for()


def test_views_for_review_are_saved_by_one_click(page, shoot, demo):
    page.get_by_role("button", name="Save views").click()
    page.get_by_text("Saved views: e3m confident, e3m to review, e3m no boxes").wait_for()
    shoot("views", grid=True)
    demo.reload()
    kinds = "confident", "to review", "no boxes", "accepted", "corrected", "rejected"
    assert demo.list_saved_views() == [f"e3m {kind}" for kind in kinds]


def test_the_grounding_is_evaluated(page, shoot, demo):
    show_all(page)
    open_operator(page, "Evaluate grounding against ground truth")
    execute(page)
    page.get_by_text(re.compile("m_tIoU")).first.wait_for()
    page.get_by_text("a red bow tie").first.wait_for()
    shoot("evaluated")
    page.get_by_role("button", name="Close").click()
    demo.reload()
    assert all(value is not None for value in demo.values("eval_tiou"))


def test_failures_are_told_apart_and_the_run_is_in_the_model_evaluation_panel(page, shoot, demo):
    add_checked_truth(demo)
    open_operator(page, "Evaluate grounding against ground truth")
    choose(page, "frames.gt with gt_events", "frames.checked with checked_events")
    page.locator("input[value=eval]").fill("checked")
    execute(page)
    page.get_by_text(re.compile("right object at the wrong time")).first.wait_for()
    dialog = page.locator("[role=dialog]")
    dialog.locator(".js-plotly-plot .scatterlayer .point").first.wait_for()
    shoot("failures")
    page.get_by_role("button", name="Close").click()

    page.locator("[data-cy=new-panel-btn]").first.click()
    page.get_by_text("Model Evaluation").first.click()
    page.get_by_text("checked", exact=True).first.wait_for()
    shoot("evaluations")
    open_evaluation(page, "checked")
    shoot("modelevaluation")
    page.get_by_role("row", name=re.compile("False Negatives 2")).get_by_role("button").click()
    page.locator("[data-cy^=panel-tab]", has_text="Samples").click()
    page.get_by_text("1 sample").first.wait_for()
    shoot("misses", grid=True)
    show_all(page)


def test_tubes_are_prepared_for_annotation(page, shoot, figures):
    open_operator(page, "Prepare tubes for annotation")
    ready(page)
    shoot("prepare")
    execute(page)
    told = page.get_by_text(re.compile(r"boxes -> \d+ keyframes")).first
    boxes, keyframes = re.search(r"(\d+) boxes -> (\d+) keyframes", told.inner_text()).groups()
    shoot("prepared")
    figures.tell("keyframes", f"{keyframes} of the {boxes} boxes")
    page.get_by_role("button", name="Close").click()


def test_a_run_is_previewed_stopped_in_a_second_tab_and_continued(page, address, shoot, demo):
    open_operator(page, "Preview a grounding on one video")
    page.get_by_text("The same for all videos").click()  # the form opens with the last values
    page.locator("textarea:visible").first.fill("a black car")
    assert page.locator("input[value='bundled']").count() == 1
    execute(page)
    page.get_by_text("nothing was written").wait_for()
    shoot("preview")
    page.get_by_role("button", name="Close").click()
    assert "second" not in demo.get_frame_field_schema()

    only_copies(demo, 20)
    second_tab = page.context.new_page()
    second_tab.goto(address)
    open_overview(second_tab)
    page.bring_to_front()
    open_operator(page, "Ground videos")
    page.get_by_role("button", name="More settings").click()
    page.locator("input[type=string][value='e3m']").fill("second")
    execute(page)
    page.get_by_text(re.compile(r"[1-9]\d*/20 videos")).first.wait_for()
    page.evaluate(REMEMBER_STOP)
    second_tab.bring_to_front()
    second_tab.get_by_role("button", name="Stop", exact=True).click()
    second_tab.get_by_text("The run stops before its next video").wait_for()
    second_tab.close()
    page.bring_to_front()
    page.wait_for_function("window.saidStopped")
    page.get_by_role("button", name="Done").click()
    page.get_by_text(re.compile(": stopped")).first.wait_for()
    shoot("stopped")
    demo.reload()
    done = demo.values("second_status").count("ok")
    assert 0 < done < 20, "stopped between two videos"

    demo.delete_samples(demo[done + 1 :])
    page.get_by_role("button", name="Continue", exact=True).click()
    ready(page)
    shoot("continue")
    execute(page)
    page.get_by_text("were already done by the interrupted run").wait_for()
    demo.reload()
    assert demo.values("second_status") == ["ok"] * (done + 1)
