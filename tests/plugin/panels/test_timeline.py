"""Pins the panel beside an open video as driven by the App: rendered after each event.

The clip has ten frames per second, so frame f is drawn at (f - 1) / 10 seconds. Figures and
pictures are pinned in tests/review; here: they get the right video, sentence and frame, and clicks
work.
"""

import re

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.appearance import colour_of
from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.plugin.panels.timeline_row import ORIGINAL, TRUTH

RED, BLUE = "a red box", "a blue box"
NAME = "relevance_timeline"
FIRST = colour_of(1)


@pytest.fixture(scope="module")
def library(new_dataset, tiny_encoder, tmp_path_factory):
    """Videos with two sentences, with one, unreadable, and never grounded; not changed.

    In the first, the red box is predicted at frames 4 to 6; the ground truth is 3 to 8.
    """
    dataset = new_dataset(4)
    broken = tmp_path_factory.mktemp("broken") / "broken.mp4"
    broken.write_text("no video")
    first, second, third, _ = dataset
    third.filepath = str(broken)
    for sample, asked in zip((first, second, third), ([RED, BLUE], [BLUE], [RED]), strict=True):
        sample["asked"] = asked
        sample.save()
    asked = dataset.select([first.id, second.id, third.id])
    models = {"boxes_field": "gt", "encoder": tiny_encoder, "progress": False}
    e3m.ground(asked, query_field="asked", **models)
    event = first.reload() or first.e3m_events.detections[0]
    event.support, event.original_support, event.confidence = [4, 6], [4, 6], 0.25
    event.prototype_frames, event.prototype_weights = [5], [1.0]
    event.atomic_starts = [1, 4, 7]
    for number, frame in first.frames.items():
        red = fo.Detection(label=RED, bounding_box=[number / 20, 0.1, 0.25, 0.3], index=1)
        frame["e3m"] = fo.Detections(detections=[red] if number in (4, 6) else [])
        low = fo.Classification(label=BLUE, confidence=0.2)
        high = fo.Classification(label=RED, confidence=0.8 if number == 5 else 0.5)
        frame["e3m_queries"] = fo.Classifications(classifications=[high, low])
        frame["e3m_relevance"] = 0.9
    truth = fo.TemporalDetection(label=RED, support=[3, 8])
    first["gt_events"] = fo.TemporalDetections(detections=[truth])
    first.save()
    yield dataset
    dataset.delete()


@pytest.fixture
def panel(library, open_panel):
    """The panel beside the video with two sentences."""
    return open_panel(NAME, library, current_sample=library.first().id)


def curve(panel, row=0):
    return panel.data("plot")[row]


def bands(panel, colour=FIRST):
    shapes = panel.properties["plot"]["view"]["layout"]["shapes"]
    return [(round(s["x0"], 6), round(s["x1"], 6)) for s in shapes if s.get("fillcolor") == colour]


def titles(panel):
    """The sentences above the rows, without markup and confidence."""
    texts = [note["text"] for note in panel.properties["plot"]["view"]["layout"]["annotations"]]
    plain = [re.sub("<[^>]*>", "", text) for text in texts]
    return [text.removeprefix("\N{BLACK SQUARE} ").split(" ", 1)[1] for text in plain]


# Without anything to show


def test_a_field_that_somebody_deleted_is_named(library, open_panel):
    dataset = library.clone()
    dataset.delete_sample_field("e3m_events")
    panel = open_panel(NAME, dataset, current_sample=dataset.first().id)
    assert "The grounding in 'e3m' cannot be read: e3m_events was deleted" in panel.text
    panel.event("on_click", x=0.5)
    assert panel.sent == []
    dataset.delete()


def test_where_nothing_was_grounded_it_says_what_to_do(new_dataset, open_panel):
    dataset = new_dataset(1)
    panel = open_panel(NAME, dataset, current_sample=dataset.first().id)
    assert (
        panel.text == "Nothing here has been grounded yet. Press **Ground videos** above the grid."
    )
    panel.event("on_click", x=0.5)
    dataset.delete()
    empty = fo.Dataset()
    assert "Nothing here" in open_panel(NAME, empty).text
    empty.delete()


def test_a_video_that_nobody_asked_about_says_so(library, open_panel):
    panel = open_panel(NAME, library, current_sample=library.last().id)
    assert panel.text.startswith("This video has no grounding in `e3m`.")
    assert "The last run reported" not in panel.text
    for event in ("on_click", "on_clip", "on_first", "on_last"):
        panel.event(event, x=0.5)
        assert panel.sent == []


def test_a_video_without_an_answer_says_what_the_last_run_said(library, open_panel):
    panel = open_panel(NAME, library, current_sample=library.skip(2).first().id)
    assert "The last run reported: broken.mp4 is not a video that can be opened" in panel.text
    assert "plot" not in panel.properties


def test_without_an_open_video_it_asks_for_one(library, open_panel):
    assert open_panel(NAME, library).text == "Open a video to see its timeline."


# What is shown


def test_the_first_sentence_is_shown_with_its_event_and_the_true_one(panel):
    assert "0.3 - 0.6 s (frames 4 - 6), confidence 0.25" in panel.text
    assert curve(panel)["x"] == pytest.approx([i / 10 for i in range(10)])
    assert curve(panel)["y"] == [0.5] * 4 + [0.8] + [0.5] * 5
    assert (bands(panel), bands(panel, TRUTH)) == ([(0.3, 0.6)], [(0.2, 0.8)])
    assert panel.data("plot")[-1]["name"] == "prototypes"


def test_every_sentence_has_its_own_curve_and_band(panel, library):
    assert titles(panel) == [RED, BLUE]
    assert curve(panel, 1)["y"] == [0.2] * 10
    first, last = library.first().e3m_events.detections[1].support
    assert bands(panel, colour_of(2)) == [((first - 1) / 10, last / 10)]
    panel.click_row(1)
    assert panel.chosen("query") == BLUE
    assert f"(frames {first} - {last})" in panel.text


def test_a_click_chooses_the_row_that_was_clicked(panel):
    panel.event("on_click", x=0.4, trace_idx=1)
    assert panel.chosen("query") == BLUE
    assert "**Frame 5** (0.40 s, relevance 0.20" in panel.text
    panel.event("on_click", x=0.3, trace_idx=0)
    assert panel.chosen("query") == RED


def test_a_long_sentence_is_shown_whole(library, open_panel):
    dataset = library.clone()
    long = "a *red* box_ " + "that moves on and on " * 11
    sample = dataset.first()
    sample.e3m_events.detections[0].label = long
    sample.save()
    panel = open_panel(NAME, dataset, current_sample=sample.id)
    assert "**a \\*red\\* box\\_ that moves on and on" in panel.text
    dataset.delete()


def test_another_video_starts_anew(panel, library):
    panel.click_row(1)
    panel.event("on_click", x=0.4)
    panel.request["current_sample"] = library.skip(1).first().id
    panel.event("on_change_current_sample")
    assert panel.chosen("query") == BLUE
    assert "picture" not in panel.properties
    panel.request["current_sample"] = library.first().id
    panel.event("on_change_current_sample")
    assert panel.chosen("query") == RED
    assert curve(panel)["y"][4] == 0.8
    assert curve(panel, 1)["y"][4] == 0.2


def test_the_ground_truth_can_be_chosen_or_hidden(panel):
    assert panel.properties["truth"]["type"]["values"] == ["gt_events", "gt", "none"]
    panel.choose("truth", "none")
    assert bands(panel, TRUTH) == []
    panel.choose("truth", "gt_events")
    assert bands(panel, TRUTH) == [(0.2, 0.8)]


def test_without_ground_truth_there_is_none_to_choose(library, open_panel):
    dataset = library.clone()
    dataset.delete_sample_field("gt_events")
    assert dataset.has_frame_field("gt"), "the candidate boxes"
    panel = open_panel(NAME, dataset, current_sample=dataset.first().id)
    assert "choices" not in panel.properties
    dataset.delete()


def test_several_groundings_can_be_chosen_from(library, open_panel):
    dataset = library.clone()
    Fields("other").declare(dataset, several_queries=False)
    start_run(dataset, e3m.Request(query=BLUE, field="other").settings)
    first = dataset.first()
    event = fo.TemporalDetection(label="a cat", support=[1, 2], confidence=0.5)
    first["other_events"] = fo.TemporalDetections(detections=[event])
    first.save()
    panel = open_panel(NAME, dataset, current_sample=first.id)
    assert panel.properties["field"]["type"]["values"] == ["e3m", "other"]
    assert "other" not in panel.properties["truth"]["type"]["values"]
    panel.choose("field", "other")
    assert (panel.chosen("field"), panel.chosen("query")) == ("other", "a cat")
    assert bands(panel) == [(0.0, 0.2)]
    panel.event("on_click", x=0.5)  # without a curve there is nothing to click
    panel.request["current_sample"] = dataset.last().id
    panel.event("on_change_current_sample")
    assert "no grounding in `other`" in panel.text
    dataset.delete()


def test_a_corrected_event_shows_where_it_was(library, open_panel):
    dataset = library.clone()
    panel = open_panel(NAME, dataset, current_sample=dataset.first().id)
    assert bands(panel, ORIGINAL) == []
    e3m.correct_event(dataset.first(), RED, 3, 7)
    panel.event("on_refresh")  # as after the form
    assert "frames 3 - 7), confidence 0.25; corrected, was 4 - 6" in panel.text
    assert (bands(panel), bands(panel, ORIGINAL)) == ([(0.2, 0.7)], [(0.3, 0.6)])
    assert "e3m_original" not in panel.properties["truth"]["type"]["values"]
    dataset.delete()


# Clicks


def test_a_click_shows_the_frame_and_asks_the_player_to_go_there(panel):
    panel.event("on_click", x=0.3)
    assert "**Frame 4** (0.30 s, relevance 0.50)" in panel.text
    (image,) = panel.properties["picture"]["view"]["layout"]["images"]
    assert image["source"].startswith("data:image/jpeg;base64,")
    assert ("@e3m/video-grounding/seek_video", {"frame_number": 4}) in panel.sent
    panel.event("on_click", x=0.4)
    assert "**Frame 5** (0.40 s, relevance 0.80, no box of the tube here)" in panel.text


@pytest.mark.parametrize(("x", "frame"), [(-0.1, 1), (0.0, 1), (0.9, 10), (1.0, 10), (7, 10)])
def test_a_click_never_leads_out_of_the_video(panel, x, frame):
    panel.event("on_click", x=x)
    assert f"**Frame {frame}** " in panel.text
    assert "picture" in panel.properties


def test_a_frame_that_cannot_be_read_is_a_sentence(library, open_panel, tmp_path):
    dataset = library.clone()
    sample = dataset.first()
    for path, sentence in (
        (tmp_path / "gone.mp4", "gone.mp4 does not exist. Correct the sample's filepath."),
        (library.skip(2).first().filepath, "broken.mp4 is not a video that can be opened"),
    ):
        sample.filepath = str(path)
        sample.save()
        panel = open_panel(NAME, dataset, current_sample=sample.id)
        panel.event("on_click", x=0.3)
        assert sentence in panel.text
        assert "picture" not in panel.properties
        assert "first" in panel.properties, "the event can be corrected all the same"
    dataset.delete()


def test_the_clicked_frame_becomes_the_first_or_last_in_a_form(panel):
    assert "first" not in panel.properties, "there is no frame yet"
    panel.event("on_click", x=0.4)
    for button, frames in (("first", (5, 6)), ("last", (4, 5))):
        panel.press(button)
        ((name, prompt),) = panel.sent
        assert name == "prompt_user_for_operation"
        assert prompt["operator_uri"] == "@e3m/video-grounding/correct_event"
        assert prompt["params"] == {
            "field": "e3m",
            "query": RED,
            "first": frames[0],
            "last": frames[1],
        }
        assert prompt["on_success"].endswith("relevance_timeline#on_refresh")


def test_an_event_opens_as_a_clip(panel, library):
    panel.click_row(1)
    panel.press("clip")
    (closed, _), (name, sent) = panel.sent
    assert (closed, name) == ("close_sample", "set_view")
    clips = fo.DatasetView._build(library, sent["view"])
    (clip,) = clips
    assert clip.sample_id == library.first().id
    assert clip.e3m_events.label == BLUE
    assert clip.support == library.first().e3m_events.detections[1].support


def test_beside_a_clip_the_whole_video_is_shown(library, open_panel):
    clips = library.to_clips("e3m_events")
    for clip in clips:
        panel = open_panel(NAME, library, view=clips._serialize(), current_sample=clip.id)
        asked = library[clip.sample_id].e3m_events.detections
        assert titles(panel) == [e.label for e in asked]
        panel.event("on_click", x=0.0)
        assert "**Frame 1** " in panel.text


def test_it_survives_that_the_view_changes_before_the_video_is_closed(library, open_panel):
    clips = library.to_clips("e3m_events")
    panel = open_panel(NAME, library, view=clips._serialize(), current_sample=library.first().id)
    assert "frames 4 - 6" in panel.text
