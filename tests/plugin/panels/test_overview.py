"""Pins the panel beside the grid as driven by the App: its content, and the effect of clicks.

Above all, a bar leads to exactly the videos that it counts, even for a confidence on an edge.
"""

import fiftyone as fo
import numpy as np
import pytest
from fiftyone.operators.store import ExecutionStore

import fiftyone_e3m as e3m
from fiftyone_e3m.calibration import Applied
from fiftyone_e3m.dataset.records import finish_run, start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.signals import STORE, note_progress, stop_requested
from fiftyone_e3m.results import GroundingSummary, VideoReport
from fiftyone_e3m.review.overview import EDGES, N_BINS

NAME = "grounding_overview"
CONFIDENCES = [*EDGES.clip(max=1).tolist(), *(i / 20 for i in range(21)), 0.3, 0.1 + 0.2, 0.999]
"""Confidences on every edge, as computed by NumPy and by Python."""


def new_run(dataset, field="e3m", **request):
    Fields(field).declare(dataset, several_queries=False)
    request = {"query": "a man", "boxes_field": "gt", "encoder": "bundled", **request}
    return start_run(dataset, e3m.Request(field=field, **request).settings)


def add(dataset, confidences, field="e3m"):
    """Adds grounded videos, which do not exist, each with one event of the same confidence."""
    samples = []
    for i, confidence in enumerate(confidences):
        event = fo.TemporalDetection(label="a man", support=[11, 20], confidence=confidence)
        sample = fo.Sample(filepath=f"/videos/{i}.mp4")
        sample.metadata = fo.VideoMetadata(frame_rate=10, total_frame_count=30)
        sample[f"{field}_events"] = fo.TemporalDetections(detections=[event])
        sample[f"{field}_confidence"], sample[f"{field}_status"] = confidence, "ok"
        samples.append(sample)
    dataset.add_samples(samples, progress=False)


def new_video_dataset():
    dataset = fo.Dataset()
    dataset.media_type = "video"
    return dataset


@pytest.fixture(scope="module")
def library():
    """Videos with `CONFIDENCES`, one without boxes and one never grounded; not changed."""
    dataset = new_video_dataset()
    new_run(dataset)
    add(dataset, CONFIDENCES)
    dataset.add_sample(fo.Sample(filepath="/videos/broken.mp4", e3m_status="unreadable"))
    dataset.add_sample(fo.Sample(filepath="/videos/new.mp4"))
    yield dataset
    dataset.delete()


@pytest.fixture
def dataset():
    dataset = new_video_dataset()
    yield dataset
    dataset.delete()


def view_of(panel, dataset):
    """The view that the last event set in the grid."""
    ((name, sent),) = panel.sent
    assert name == "set_view"
    return fo.DatasetView._build(dataset, sent["view"])


# Without anything to show


def test_where_nothing_was_grounded_it_says_what_to_do(dataset, open_panel):
    panel = open_panel(NAME, dataset)
    assert panel.text == (
        "Nothing here has been grounded yet. Press **Ground videos** above the grid."
    )
    for event in ("on_unsure", "on_stop", "on_views", "on_range"):
        panel.event(event)
    panel.event("on_bar", x=0.5)
    assert panel.sent == []


def test_a_grounding_that_is_deleted_under_an_open_panel_is_gone(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.5])
    panel = open_panel(NAME, dataset)
    e3m.delete_grounding(dataset)
    panel.press("unsure")
    assert panel.sent == []
    assert "Nothing here has been grounded yet" in panel.text


@pytest.mark.parametrize("name", ["e3m_confidence", "e3m_status", "e3m_events"])
def test_a_field_that_somebody_deleted_is_named_and_another_grounding_can_be_chosen(
    dataset, open_panel, name
):
    new_run(dataset)
    new_run(dataset, "other")
    add(dataset, [0.5])
    dataset.delete_sample_field(name)
    panel = open_panel(NAME, dataset)
    assert f"The grounding in 'e3m' cannot be read: {name} was deleted" in panel.text
    panel.event("on_views")
    assert panel.sent[0][1]["variant"] == "error"
    panel.choose("field", "other")
    assert "1 not grounded" in panel.text


def test_it_says_where_confidence_is_not_calibrated(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.5])
    request = e3m.Request(query="a man", encoder="hf-hub:one")
    start_run(dataset, request.settings, Applied().record)
    panel = open_panel(NAME, dataset)
    said = "Confidence is not calibrated for this encoder (hf-hub:one)."
    assert said in panel.text
    start_run(dataset, request.settings, Applied(origin="fitted").record)
    panel.event("on_time")
    assert "not calibrated" not in panel.text


# The histogram


def test_the_headline_counts_by_status(library, open_panel):
    n = len(CONFIDENCES)
    assert (
        f"**{n + 2} videos:** {n} ok, 1 unreadable, 1 not grounded; {n} events: {n} to review"
        in open_panel(NAME, library).text
    )


def test_every_bar_leads_to_exactly_the_videos_that_it_counts(library, open_panel):
    panel = open_panel(NAME, library)
    (bars,) = panel.data("confidence")
    assert (len(bars["x"]), sum(bars["y"])) == (N_BINS, len(CONFIDENCES))
    seen = []
    for centre, count, text in zip(bars["x"], bars["y"], bars["text"], strict=True):
        panel.event("on_bar", x=centre)
        shown = view_of(panel, library).values("e3m_confidence")
        assert len(shown) == count, text
        assert shown == sorted(shown)
        seen += shown
    assert sorted(seen) == sorted(CONFIDENCES), "each video is behind one bar only"
    assert bars["text"][0] == f"confidence 0.00 - 0.05: {bars['y'][0]}"


def test_several_bars_lead_to_the_videos_of_all_of_them(library, open_panel):
    panel = open_panel(NAME, library)
    (bars,) = panel.data("confidence")
    panel.event("on_range", data=[{"x": x} for x in (bars["x"][-1], bars["x"][-2])])
    assert len(view_of(panel, library)) == sum(bars["y"][-2:])
    panel.event("on_range", data=[])
    assert panel.sent == [], "nothing was selected"


def test_all_grounded_videos_least_sure_first_and_back(library, open_panel):
    panel = open_panel(NAME, library)
    panel.press("unsure")
    assert view_of(panel, library).values("e3m_confidence") == sorted(CONFIDENCES)
    panel.press("all")
    assert [name for name, _ in panel.sent] == ["clear_view"]


# The table


def test_the_least_sure_events_are_listed_and_open_their_video(dataset, open_panel):
    new_run(dataset)
    add(dataset, np.linspace(1, 0.1, 60).tolist())
    panel = open_panel(NAME, dataset)
    rows = panel.data("events")
    assert len(rows) == 50
    assert rows[0] == {
        "sentence": "a man (59.mp4)",
        "event": "1.0 - 2.0 s",
        "confidence": "0.10",
        "state": "to review",
        "score": "",
    }
    assert "The 50 least confident of 60 events." in panel.text
    add(dataset, [0.0])  # a run writes while the table is shown
    panel.event("on_row", row=0)
    opened = dataset.skip(59).first().id
    assert panel.sent == [
        ("open_sample", {"id": opened, "group_id": None}),
        ("@e3m/video-grounding/seek_video", {"frame_number": 11, "sample_id": opened}),
    ]
    assert panel.data("events")[0]["confidence"] == "0.00"


def columns(panel):
    return [column["key"] for column in panel.properties["events"]["view"]["columns"]]


def test_the_score_has_a_column_once_there_is_an_evaluation(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.2, 0.4])
    panel = open_panel(NAME, dataset)
    assert "score" not in columns(panel)
    truth = fo.TemporalDetection(label="a man", support=[11, 15])
    first = dataset.first()
    first["truth"] = fo.TemporalDetections(detections=[truth])
    first.save()
    e3m.evaluate(dataset.limit(1), gt_field="truth", eval_key="ev")
    panel.event("on_time")
    assert columns(panel)[-1] == "score"
    assert panel.properties["events"]["view"]["columns"][-1]["label"] == "ev"
    assert [row["score"] for row in panel.data("events")] == ["0.50 wrong", ""]


def test_a_corrected_event_is_marked_and_a_long_sentence_shortened(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.2])
    sample = dataset.first()
    sample.e3m_events.detections[0].label = "a man " * 40
    sample.save()
    dataset.add_sample_field("e3m_events.detections.corrected", fo.BooleanField)
    dataset.set_values("e3m_events.detections.corrected", [[True]])
    (row,) = open_panel(NAME, dataset).data("events")
    assert (row["event"], row["state"]) == ("1.0 - 2.0 s", "corrected")
    assert len(row["sentence"]) < 110


def test_the_panel_follows_what_happens_and_rests_while_nothing_does(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.2])
    panel = open_panel(NAME, dataset)
    timer = panel.properties["time"]["view"]
    assert timer["interval"] == 5000
    assert timer["on_interval"].endswith("#on_time")
    panel.event("on_time")
    shown = panel.properties
    panel.event("on_time")
    assert panel.properties is shown, "it was not rendered again"
    add(dataset, [0.4])
    panel.event("on_time")
    assert len(panel.data("events")) == 2
    e3m.delete_grounding(dataset)
    panel.event("on_time")
    assert "Nothing here has been grounded yet" in panel.text
    new_run(dataset)
    panel.event("on_time")
    assert "running" in panel.text


def test_a_rendering_that_the_app_has_lost_is_made_again(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.2])
    panel = open_panel(NAME, dataset)
    panel.event("on_time")
    before = panel.properties
    key = new_run(dataset)
    panel.event("on_time")
    panel.properties = before
    panel.event("on_time")
    assert key in panel.text


def test_another_grounding_shows_nothing_of_the_one_before(dataset, open_panel):
    new_run(dataset)
    new_run(dataset, "other")
    add(dataset, [0.2, 0.4, 0.6])
    add(dataset, [0.9], "other")
    panel = open_panel(NAME, dataset)
    assert panel.properties["field"]["type"]["values"] == ["e3m", "other"]
    assert len(panel.data("events")) == 3
    panel.choose("field", "other")
    assert [row["confidence"] for row in panel.data("events")] == ["0.90"]
    assert sum(panel.data("confidence")[0]["y"]) == 1
    panel.press("unsure")
    assert view_of(panel, dataset).values("other_confidence") == [0.9]
    panel.event("on_change_dataset")
    assert len(panel.data("events")) == 3


# Views


def test_views_are_saved_and_told(dataset, open_panel):
    new_run(dataset)
    add(dataset, [0.2])
    panel = open_panel(NAME, dataset)
    panel.press("views")
    (_, told), (reload, _) = panel.sent
    assert told["variant"] == "success"
    kinds = "confident", "to review", "no boxes", "accepted", "corrected", "rejected"
    assert told["message"] == f"Saved views: {', '.join(f'e3m {kind}' for kind in kinds)}."
    assert reload == "reload_dataset"
    dataset.delete_saved_view("e3m to review")
    dataset.save_view("e3m to review", dataset.limit(1))
    panel.press("views")
    ((_, told),) = panel.sent
    assert told["variant"] == "error"
    assert "of another origin" in told["message"]


# The last run


def finish(dataset, key, left=0, problems=()):
    videos = [VideoReport("1", "/videos/0.mp4", "ok", "", 1.0), *problems]
    finish_run(
        dataset,
        GroundingSummary(
            key, "e3m", "bundled", "frames.gt", videos=videos, seconds=61.4, left=left
        ),
    )


def test_a_run_that_goes_on_can_be_stopped_from_here(dataset, open_panel):
    key = new_run(dataset)
    panel = open_panel(NAME, dataset)
    assert f"**Last run** `{key}`: running" in panel.text
    note_progress(dataset, key, 1, 3)
    panel.event("on_time")
    assert "running, 1 of 3 videos done, last update 20" in panel.text
    assert "go_on" not in panel.properties, "nobody continues what goes on"
    panel.press("stop")
    assert stop_requested(dataset, key)
    assert panel.sent[0][1]["message"] == "The run stops before its next video."
    assert "stopping before its next video, 1 of 3" in panel.text
    assert "stop" not in panel.properties


def test_a_run_that_has_been_silent_for_long_can_be_continued(dataset, open_panel):
    key = new_run(dataset)
    long_ago = {"done": 1, "total": 3, "at": "2026-01-01T00:00:00+00:00"}
    ExecutionStore.create(STORE, dataset._doc.id).set(f"{key}/progress", long_ago)
    panel = open_panel(NAME, dataset)
    assert "running or killed, 1 of 3 videos done" in panel.text
    assert {"stop", "go_on"} <= set(panel.properties)


def test_a_run_that_has_ended_meanwhile_is_not_stopped(dataset, open_panel):
    key = new_run(dataset)
    panel = open_panel(NAME, dataset)
    finish(dataset, key)
    panel.press("stop")
    assert not stop_requested(dataset, key)
    assert panel.sent[0][1]["message"] == "The run has already ended."
    assert "stop" not in panel.properties


def test_a_stopped_run_can_be_continued_in_the_form(dataset, open_panel):
    key = new_run(dataset)
    note_progress(dataset, key, 1, 3)
    finish(dataset, key, left=2)
    panel = open_panel(NAME, dataset)
    assert "stopped, 1 of 3 videos done" in panel.text
    assert "1 ok in 61 s" in panel.text
    assert "stop" not in panel.properties
    panel.event("on_continue")
    ((name, prompt),) = panel.sent
    assert name == "prompt_user_for_operation"
    assert prompt["operator_uri"] == "@e3m/video-grounding/ground_videos"
    assert prompt["params"] == {"start": "continue"}


def test_a_finished_run_tells_its_settings_and_problems(dataset, open_panel):
    key = new_run(dataset, query=None, query_field=["caption", "title"])
    broken = VideoReport("2", "/videos/broken.mp4", "unreadable", "It holds no frame.", 0.1)
    finish(dataset, key, problems=[broken])
    panel = open_panel(NAME, dataset)
    assert f"**Last run** `{key}`: finished" in panel.text
    assert "1 ok, 1 unreadable in 61 s" in panel.text
    assert "query: `caption`, `title`; encoder `bundled`, boxes `frames.gt`" in panel.text
    assert "time from" not in panel.text
    assert not {"stop", "go_on"} & set(panel.properties)
    assert panel.data("problems") == [
        {"video": "broken.mp4", "status": "unreadable", "reason": "It holds no frame."}
    ]


def test_a_run_tells_where_its_times_came_from(dataset, open_panel):
    key = new_run(dataset, events_field="marks", events_role="prior")
    finish(dataset, key)
    assert "boxes `frames.gt`, time from `marks` (prior)" in open_panel(NAME, dataset).text


def test_a_run_tells_on_which_device_its_models_were(dataset, open_panel):
    Fields("e3m").declare(dataset, several_queries=False)
    settings = e3m.Request("a man", boxes_field="gt", encoder="bundled").settings
    start_run(dataset, settings, device="cuda:1")
    assert "boxes `frames.gt`, on `cuda:1`" in open_panel(NAME, dataset).text
