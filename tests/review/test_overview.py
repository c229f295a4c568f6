"""Pins the overview of a grounding and of the last run."""

import threading

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.calibration import Applied, Calibration
from fiftyone_e3m.dataset.records import finish_run, start_run
from fiftyone_e3m.dataset.signals import note_progress
from fiftyone_e3m.request import Request
from fiftyone_e3m.results import GroundingSummary, VideoReport
from fiftyone_e3m.review.last_run import last_run
from fiftyone_e3m.review.overview import (
    EDGES,
    N_ROWS,
    latest_evaluation,
    read_overview,
)

MAN, DOG = "a man", "a dog"
READINGS = 60


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    """Three grounded videos with four events, an unreadable one, and one never grounded."""
    new_grounding(dataset)
    confidences = {"a.mp4": [0.9, 0.1], "b.mp4": [0.5], "c.mp4": [0.3]}
    for path, sure in confidences.items():
        queries = {MAN: (5, 10), DOG: (1, 20)} if len(sure) == 2 else {MAN: (5, 10)}
        sample = ground_video(dataset, path, queries)
        for event, confidence in zip(sample.e3m_events.detections, sure, strict=True):
            event.confidence = confidence
        sample["e3m_confidence"] = sum(sure) / len(sure)
        sample.metadata = fo.VideoMetadata(frame_rate=10, total_frame_count=20)
        sample.save()
    dataset.add_sample(fo.Sample(filepath="broken.mp4", e3m_status="unreadable"))
    dataset.add_sample(fo.Sample(filepath="new.mp4"))
    return dataset


def test_statuses_and_confidences_are_counted(grounded):
    overview = read_overview(grounded, "e3m")
    assert overview.n_videos == 5
    assert overview.statuses == {"ok": 3, "unreadable": 1}
    filled = {EDGES[i]: n for i, n in enumerate(overview.histogram.tolist()) if n}
    assert filled == {0.3: 1, 0.5: 2}
    assert (overview.n_events, overview.evaluation) == (4, None)


def test_every_event_has_a_row_the_least_sure_first(grounded):
    rows = read_overview(grounded, "e3m").rows
    assert [(row.video, row.query, row.confidence) for row in rows] == [
        ("a.mp4", DOG, 0.1),
        ("c.mp4", MAN, 0.3),
        ("b.mp4", MAN, 0.5),
        ("a.mp4", MAN, 0.9),
    ]
    assert (rows[1].start, rows[1].end) == (0.4, 1.0)
    row = rows[1]
    assert (row.first, row.score, row.right, row.state) == (5, None, None, "to review")
    assert grounded[rows[0].sample_id].filename == "a.mp4"


def test_videos_may_come_and_events_change_while_it_is_read(grounded):
    first, ended = grounded.first(), threading.Event()
    events = first.e3m_events.detections
    copies = [fo.Sample(filepath=f"{i}.mp4", e3m_events=first.e3m_events.copy()) for i in range(9)]

    def write():
        other = fo.load_dataset(grounded.name)
        while not ended.is_set():
            other.delete_samples(other.add_samples(copies, progress=False))
            for kept in (events[:1], events):
                other.set_values("e3m_events.detections", {first.id: kept}, key_field="id")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {read_overview(grounded, "e3m").n_events for _ in range(READINGS)}
    finally:
        ended.set()
        writer.join()
    assert len(seen) > 1, "it was read between two changes"


def test_sentences_are_counted_by_state(grounded):
    e3m.reject_tube(grounded.first(), DOG)
    e3m.accept_tubes(grounded, queries=MAN)
    overview = read_overview(grounded, "e3m")
    assert overview.states == {"rejected": 1, "accepted": 3}
    assert [row.state for row in overview.rows] == ["rejected", *["accepted"] * 3]


def test_the_table_is_short_but_says_how_many_there_are(dataset, new_grounding, ground_video):
    new_grounding(dataset)
    sample = ground_video(dataset, "a.mp4", {MAN: (5, 10)})
    sample.e3m_events.detections = [
        fo.TemporalDetection(label=f"thing {i}", support=[1, 2], confidence=1 - i / 100)
        for i in range(60)
    ]
    sample.save()
    overview = read_overview(dataset, "e3m")
    assert (len(overview.rows), overview.n_events) == (N_ROWS, 60)
    assert overview.rows[0].query == "thing 59"


def evaluate(dataset, key, pred_field="e3m"):
    e3m.evaluate(dataset, pred_field=pred_field, gt_field="gt_events", eval_key=key)


@pytest.fixture
def judged(grounded):
    """Ground truth for two of them, without boxes, so that only the time can be scored."""
    for sample, last in zip(grounded.limit(2), (10, 7), strict=True):
        event = fo.TemporalDetection(label=MAN, support=[5, last])
        sample["gt_events"] = fo.TemporalDetections(detections=[event])
        sample.save()
    return grounded


def test_after_an_evaluation_each_sentence_has_its_own_score(judged):
    first = judged.first()
    first.gt_events.detections.append(fo.TemporalDetection(label=DOG, support=[19, 20]))
    first.save()
    evaluate(judged, "ev")
    overview = read_overview(judged, "e3m")
    assert overview.evaluation == "ev"
    assert {(row.video, row.query): (row.score, row.right) for row in overview.rows} == {
        ("a.mp4", MAN): (1.0, True),
        ("a.mp4", DOG): (0.1, False),
        ("b.mp4", MAN): (0.5, False),
        ("c.mp4", MAN): (None, None),
    }


def test_what_a_person_corrected_is_marked(grounded):
    e3m.correct_event(grounded.first(), DOG, first=3)
    states = [row.state for row in read_overview(grounded, "e3m").rows]
    assert states == ["corrected", *["to review"] * 3]


def test_the_latest_evaluation_of_this_grounding_counts(judged, new_grounding):
    evaluate(judged, "first")
    evaluate(judged, "second", pred_field="frames.e3m")
    assert latest_evaluation(judged, "e3m")[0] == "second", "however the grounding was named"
    evaluate(judged, "first")
    assert latest_evaluation(judged, "e3m")[0] == "first", "the same key again is the latest"
    new_grounding(judged, "mine")
    assert latest_evaluation(judged, "mine") is None


def test_viou_counts_where_the_truth_has_boxes(judged):
    sample = judged.first()
    for number in range(5, 11):
        elsewhere = fo.Detection(label=MAN, bounding_box=[0.9, 0.9, 0.1, 0.1])
        sample.frames[number]["gt"] = fo.Detections(detections=[elsewhere])
    sample.save()
    e3m.evaluate(judged, eval_key="ev")
    scores = {(row.video, row.query): row.score for row in read_overview(judged, "e3m").rows}
    assert scores["a.mp4", MAN] == 0, "the time alone is right"


def test_an_evaluation_that_was_interrupted_gives_no_scores(judged):
    evaluate(judged, "first")
    settings = {"pred_field": "e3m", "gt_field": "gt", "ends": "inclusive"}
    judged.register_run("later", judged.init_run(method="e3m/evaluate", settings=settings))
    assert latest_evaluation(judged, "e3m")[0] == "first"


# Calibration


def ground_again(dataset, encoder, applied, **request):
    settings = Request(query=MAN, encoder=encoder, **request).settings
    start_run(dataset, settings, applied.record)


def test_encoders_that_are_not_calibrated_are_named(grounded):
    assert read_overview(grounded, "e3m").uncalibrated == (
        "Confidence is not calibrated for this encoder (ViT-B-32/laion2b_s34b_b79k).",
    ), "an older record says nothing about it"
    ground_again(grounded, "bundled", Applied(origin="built in"))
    assert read_overview(grounded, "e3m").uncalibrated == ()
    ground_again(grounded.limit(1), "ViT-L-14/openai", Applied())
    ground_again(grounded.skip(1).limit(1), "hf-hub:one", Applied())
    assert sorted(read_overview(grounded, "e3m").uncalibrated) == [
        "Confidence is not calibrated for this encoder (ViT-L-14/openai).",
        "Confidence is not calibrated for this encoder (hf-hub:one).",
    ]
    ground_again(grounded, "hf-hub:one", Applied(Calibration(0.5, 1), "fitted", "abc"))
    assert read_overview(grounded, "e3m").uncalibrated == ()


def test_runs_without_a_confidence_left_are_not_named(grounded):
    ground_again(grounded, "bundled", Applied(origin="built in"))
    ground_again(grounded.skip(3), "hf-hub:one", Applied())
    assert read_overview(grounded, "e3m").uncalibrated == ()


def test_without_contrast_no_encoder_is_to_blame(grounded):
    ground_again(grounded, "bundled", Applied(), config=e3m.E3MConfig.preset("paper"))
    assert read_overview(grounded, "e3m").uncalibrated == (
        "Confidence is not calibrated without `contrast`: it has no absolute scale.",
    )


# The last run


def finish(dataset, key, left=0):
    videos = [
        VideoReport("1", "/videos/good.mp4", "ok", "", 1.0),
        VideoReport("2", "/videos/bad.mp4", "unreadable", "It holds no frame.", 0.1),
    ]
    summary = GroundingSummary(key, "e3m", "bundled", "frames.gt", videos=videos, left=left)
    finish_run(dataset, summary)


def test_without_a_run_there_is_no_last_one(dataset):
    assert last_run(dataset) is None


def test_a_run_is_running_then_stopped_or_finished(dataset, new_grounding):
    key = new_grounding(dataset)
    assert (last_run(dataset).state, last_run(dataset).problems) == ("running", [])
    assert last_run(dataset).progress is None
    note_progress(dataset, key, 1, 3)
    assert (last_run(dataset).progress.done, last_run(dataset).progress.total) == (1, 3)
    finish(dataset, key, left=2)
    assert last_run(dataset).state == "stopped"
    finish(dataset, key)
    run = last_run(dataset)
    assert (run.key, run.state) == (key, "finished")
    assert run.problems == [
        {"filepath": "/videos/bad.mp4", "status": "unreadable", "message": "It holds no frame."}
    ]


def test_the_last_run_is_of_all_fields_or_of_one(dataset, new_grounding):
    first = new_grounding(dataset, "a")
    second = new_grounding(dataset, "b")
    assert last_run(dataset).key == second
    assert last_run(dataset, "a").key == first
    assert last_run(dataset, "c") is None
