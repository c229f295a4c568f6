"""Pins the timeline of a sentence: its own curve, its event, and the origin of the event.

Frame f begins at (f - 1) / rate, here 10 frames per second; the videos are those of `ground_video`.
"""

import re
from dataclasses import replace
from html import unescape

import fiftyone as fo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.appearance import colour_of
from fiftyone_e3m.plugin.panels.timeline_figure import timeline_figure
from fiftyone_e3m.plugin.panels.timeline_row import ORIGINAL, TRUTH
from fiftyone_e3m.review.timelines import Timeline, read_timelines

MAN, DOG = "a man", "a dog"


@pytest.fixture(scope="module")
def filled(library, new_grounding, ground_video):
    """One video with two sentences, one with one, one that was never grounded.

    The event of the man was corrected from [4, 12] to [5, 10].
    """
    new_grounding(library)
    two = ground_video(library, "two.mp4", {MAN: (4, 12), DOG: (8, 20)})
    one = ground_video(library, "one.mp4", {DOG: (1, 1)})
    library.add_sample(fo.Sample(filepath="none.mp4"))
    one.frames[3].e3m_queries = one.frames[3].e3m_relevance = None
    for frame in one.frames.values():
        frame.e3m_queries = None  # as written by a run with only one sentence
    one.save()
    event = two.e3m_events.detections[0]
    event.atomic_starts = [1, 6, 15]
    event.prototype_frames, event.prototype_weights = [6, 9], [0.75, 0.25]
    two.metadata = one.metadata = fo.VideoMetadata(frame_rate=10, total_frame_count=20)
    two.save()
    one.save()
    e3m.correct_event(two, MAN, 5, 10)
    return library


@pytest.fixture
def timelines(filled):
    """`timelines("two.mp4")`: the timelines of a video."""
    return lambda path: read_timelines(
        filled, filled.match(fo.ViewField("filepath").ends_with(path)).first().id, "e3m"
    )


def test_each_sentence_has_its_own_curve_event_and_tube(timelines):
    man, dog = timelines("two.mp4")
    assert (man.query, man.event, man.confidence) == (MAN, (5, 10), 0.5)
    assert (dog.query, dog.event) == (DOG, (8, 20))
    assert man.frames.tolist() == dog.frames.tolist() == list(range(1, 21))
    np.testing.assert_allclose(man.relevance, np.arange(1, 21) / 100)
    np.testing.assert_allclose(dog.relevance, np.arange(1, 21) / 200)
    assert list(man.boxes) == list(range(5, 11))
    assert man.boxes[9] == [0.09, 0.1, 0.2, 0.2]
    assert dog.boxes[9] == [0.09, 0.6, 0.2, 0.2]


def test_where_an_event_came_from(timelines):
    man, dog = timelines("two.mp4")
    assert man.atomic_starts == (1, 6, 15)
    assert man.prototypes == ((6, 0.75), (9, 0.25))
    assert man.original == (4, 12)
    assert (dog.prototypes, dog.original) == ((), None)


def test_the_only_sentence_of_a_video_takes_the_relevance_of_the_frames(timelines):
    (dog,) = timelines("one.mp4")
    assert 3 not in dog.frames, "a frame without a relevance is not 0"
    assert (len(dog.frames), dog.relevance_at(20), dog.relevance_at(3)) == (19, 0.2, None)


def test_a_sentence_keeps_its_curve_when_the_other_one_is_deleted(
    dataset, new_grounding, ground_video
):
    new_grounding(dataset)
    sample = ground_video(dataset, "a.mp4", {MAN: (5, 10), DOG: (8, 20)})
    sample.e3m_events.detections = sample.e3m_events.detections[1:]
    sample.save()
    (dog,) = read_timelines(dataset, sample.id, "e3m")
    assert dog.relevance_at(10) == pytest.approx(0.05), "the highest of both would be 0.1"


def test_without_metadata_frames_count_as_seconds(dataset, new_grounding, ground_video):
    new_grounding(dataset)
    sample = ground_video(dataset, "a.mp4", {MAN: (5, 10)})
    assert read_timelines(dataset, sample.id, "e3m")[0].seconds(5) == 4


def test_a_video_without_a_grounding_has_none(timelines):
    assert timelines("none.mp4") == []


# Frames and seconds


def plain_timeline(rate=10.0, n=20, **more):
    frames = np.arange(1, n + 1)
    return Timeline(MAN, (1, n), 0.5, frames, frames / n, rate, {}, **more)


@given(st.floats(0.5, 240), st.integers(1, 5000), st.data())
def test_the_time_of_a_frame_leads_back_to_it(rate, n, data):
    timeline, frame = plain_timeline(rate, n), data.draw(st.integers(1, n))
    assert timeline.frame_at(timeline.seconds(frame)) == frame


@given(st.floats(-1e6, 1e6))
def test_no_time_leads_out_of_the_video(seconds):
    assert 1 <= plain_timeline().frame_at(seconds) <= 20


def test_a_timeline_without_a_curve_has_a_first_frame():
    assert plain_timeline(n=0).frame_at(3.0) == 1


# The figure


def by_name(traces):
    """The traces without the entries of the legend."""
    return {trace["name"]: trace for trace in traces if trace["x"] != [None]}


def legend(traces):
    return [trace["name"] for trace in traces if trace.get("showlegend", True)]


def spans(layout, colour):
    shapes = [shape for shape in layout["shapes"] if shape.get("fillcolor") == colour]
    return [(round(s["x0"], 6), round(s["x1"], 6)) for s in shapes]


def test_bands_reach_from_the_beginning_of_the_first_frame_to_the_end_of_the_last(timelines):
    man, dog = timelines("two.mp4")
    _, layout = timeline_figure([man], truths={MAN: (3, 8)})
    assert spans(layout, colour_of(1)) == [(0.4, 1.0)]
    assert spans(layout, TRUTH) == [(0.2, 0.8)]
    assert spans(layout, ORIGINAL) == [(0.3, 1.2)], "as it was grounded"
    assert layout["xaxis"]["range"] == [0, 2.0]
    assert len(timeline_figure([dog])[1]["shapes"]) == 1


def test_every_sentence_has_a_row_of_its_own_above_the_same_seconds(timelines):
    man, dog = timelines("two.mp4")
    traces, layout = timeline_figure([man, dog], chosen=1, truths={DOG: (1, 2)})
    assert [trace["yaxis"] for trace in traces[:2]] == ["y", "y2"], "a click tells the row"
    np.testing.assert_allclose(traces[1]["y"], dog.relevance)
    above, below = layout["yaxis"]["domain"], layout["yaxis2"]["domain"]
    assert 1 > above[1] > above[0] > below[1] > below[0] >= 0, "with room for the sentence"
    bands = {shape["fillcolor"]: shape["yref"] for shape in layout["shapes"]}
    assert bands == {colour_of(1): "y", colour_of(2): "y2", TRUTH: "y2", ORIGINAL: "y"}
    assert layout["xaxis"]["anchor"] == "y2"
    upper, lower = (note["text"] for note in layout["annotations"])
    assert f" 0.50 corrected {MAN}" in upper
    assert f" 0.50 <b>{DOG}</b>" in lower
    assert colour_of(2) in lower


def test_ten_sentences_are_no_wider_than_a_panel_and_say_what_they_are(timelines):
    dog = timelines("two.mp4")[1]
    asked = [replace(dog, query=f"{i} <b>dog</b> {'very ' * 50}", index=i) for i in range(1, 11)]
    _, layout = timeline_figure(asked)
    texts = [note["text"] for note in layout["annotations"]]
    assert len({shape["fillcolor"] for shape in layout["shapes"]}) == 10
    assert all(f"{i} &lt;b&gt;dog" in text for i, text in enumerate(texts, 1))
    shown = [unescape(re.sub("<(?!br)[^>]*>", "", text)).split("<br>") for text in texts]
    assert {len(lines) for lines in shown} == {2}
    assert max(len(line) for lines in shown for line in lines) <= 36, "beside a video at 900 pixels"
    assert all(second.endswith("very…") for _, second in shown)
    assert layout["height"] < 950


def test_a_title_has_as_many_lines_as_its_sentence_needs_and_room_for_them(timelines):
    dog = timelines("two.mp4")[1]
    asked = ["a dog", "狗" * 90, ""]
    _, layout = timeline_figure([replace(dog, query=query) for query in asked])
    titles = [note["text"].partition("0.50 ")[2] for note in layout["annotations"]]
    assert titles == ["<b>a dog</b>", "狗" * 15 + "<br>" + "狗" * 17 + "…", ""]
    upper, middle = layout["yaxis"]["domain"], layout["yaxis2"]["domain"]
    assert upper[0] - middle[1] > 1.5 * (1 - upper[1])


def test_a_band_that_is_not_there_has_no_entry_in_the_legend(timelines):
    man, dog = timelines("two.mp4")
    assert legend(timeline_figure([man], truths={MAN: (3, 8)})[0]) == [
        "event",
        "ground truth",
        "before correction",
        "atomic events",
        "prototypes",
    ]
    traces, layout = timeline_figure([dog])
    assert legend(traces) == ["event"]
    assert layout["showlegend"], "FiftyOne hides legends unless it is told"


def test_ticks_and_diamonds_stand_at_their_seconds(timelines):
    traces = by_name(timeline_figure([timelines("two.mp4")[0]])[0])
    assert traces["atomic events"]["x"] == [0.5, 1.4], "the start of the video is not a boundary"
    prototypes = traces["prototypes"]
    assert (prototypes["x"], prototypes["y"]) == ([0.5, 0.8], [0.06, 0.09])
    heavy, light = prototypes["marker"]["size"]
    assert heavy > light


def test_the_mouse_is_told_of_ticks_and_diamonds_by_the_curve(timelines):
    texts = timeline_figure([timelines("two.mp4")[0]])[0][0]["text"]
    assert texts[1] == "0.10 s, frame 2<br>relevance 0.02"
    assert texts[8] == "0.80 s, frame 9<br>relevance 0.09<br>prototype, weight 0.25"
    assert texts[5] == (
        "0.50 s, frame 6<br>relevance 0.06<br>an atomic event begins<br>prototype, weight 0.75"
    )


def test_a_clicked_frame_is_marked():
    _, layout = timeline_figure([plain_timeline()], cursor=6)
    line = layout["shapes"][-1]
    assert (line["type"], line["x0"], line["x1"]) == ("line", 0.5, 0.5)


def test_a_long_curve_is_thinned_but_keeps_its_axis_and_its_prototypes():
    timeline = plain_timeline(rate=25, n=9001, prototypes=((7777, 0.5),))
    traces, layout = timeline_figure([timeline])
    assert len(traces[0]["x"]) == len(traces[0]["text"]) <= 2001
    assert any("prototype" in text for text in traces[0]["text"])
    assert layout["xaxis"]["range"][1] == 9001 / 25


def test_a_timeline_without_a_curve_is_drawn():
    traces, _ = timeline_figure([plain_timeline(n=0)])
    assert traces[0]["x"] == []
