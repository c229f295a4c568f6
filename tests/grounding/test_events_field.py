"""Pins grounding with times of the dataset: exact or as a prior, and what is said of odd ones.

In the video "good", the red box is in view in frames 11 to 20 of 30, the blue one in all.
"""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.request import Request

RED, BLUE = "a red box", "a blue box"


@pytest.fixture
def mark():
    """`mark(samples, (RED, [12, 17]), ...)`: writes these events into `marks` of each sample."""

    def write(samples, *events):
        given = [fo.TemporalDetection(label=label, support=support) for label, support in events]
        samples.set_values(
            "marks",
            [fo.TemporalDetections(detections=[each.copy() for each in given]) for _ in samples],
        )

    return write


def supports(dataset, field="e3m"):
    return dataset.values(f"{field}_events.detections.support")


def boxed(dataset):
    """Numbers of the frames with a box, of all samples."""
    return [n for sample in dataset for n, frame in sample.frames.items() if frame.e3m]


def test_an_event_is_exactly_the_given_one(make, ground, mark, truth, fake_detector):
    dataset = make("good")
    mark(dataset, (f" {RED} ", [13, 18]))
    summary = ground(dataset, RED, events_field="marks")
    dataset.reload()
    assert summary.counts == {"ok": 1}
    assert supports(dataset) == [[[13, 18]]]
    assert boxed(dataset) == list(range(13, 19))
    assert sum(fake_detector.batches) == 3, "frames 13, 15 and 17"
    sample = dataset.first()
    for number in (13, 17):
        (box,) = sample.frames[number].e3m.detections
        x1, y1, x2, y2 = truth.box(number)
        expected = [x1 / 160, y1 / 120, (x2 - x1) / 160, (y2 - y1) / 120]
        assert box.bounding_box == pytest.approx(expected, abs=0.02)
        assert 0 < box.confidence <= 1
    relevance = dataset.values("frames.e3m_relevance", unwind=True)
    assert [n for n, value in enumerate(relevance, 1) if value > 0] == list(range(13, 19))
    assert 0 < sample.e3m_confidence <= 1
    assert sample.e3m_message is None


def test_several_events_of_a_sentence_are_one(make, ground, mark):
    dataset = make("good")
    mark(dataset, (RED, [16, 19]), (RED, [11, 12]))
    ground(dataset, RED, events_field="marks")
    dataset.reload()
    assert supports(dataset) == [[[11, 19]]]


def test_with_a_prior_the_ends_are_found(make, ground, mark, truth):
    dataset = make("good")
    mark(dataset, (RED, [7, 21]))
    ground(dataset, RED, events_field="marks", events_role="prior")
    dataset.reload()
    (((first, last),),) = supports(dataset)
    assert abs(first - truth.first) <= 1
    assert abs(last - truth.last) <= 1
    assert dataset.count_values("frames.e3m_relevance").get(0.0, 0) < truth.n


def test_a_sentence_without_an_event_is_grounded_as_usual_and_named(make, ground, mark):
    dataset = make("good")
    ground(dataset, [RED, BLUE], field="free")
    mark(dataset, (RED, [13, 18]))
    summary = ground(dataset, [RED, BLUE], events_field="marks")
    dataset.reload()
    assert summary.counts == {"ok": 1}
    assert supports(dataset) == [[[13, 18], supports(dataset, "free")[0][1]]]
    expected = "'marks' has no event of 'a blue box', so its time was found in the video."
    assert dataset.first().e3m_message == expected


def test_odd_events_are_ignored_and_told(make, ground, mark):
    """FiftyOne itself refuses supports that are reversed or hold a NaN, see `test_marks`."""
    dataset = make("good", "late")
    odd = [(None, [1, 9]), (RED, [31, 50]), (RED, [40, 50])]
    mark(dataset.limit(1), *odd, (BLUE, [25, 31]), ("a cat", [40, 50]))
    summary = ground(dataset, [RED, BLUE], events_field="marks")
    dataset.reload()
    assert summary.counts == {"ok": 2}
    assert supports(dataset)[0][1] == [25, 30]
    first, second = dataset.values("e3m_message")
    assert first == (
        "Ignored in 'marks', as they have no label or are not within frames 1 to 30: 3. "
        "Cut in 'marks' at the video's last frame, 30: 1. "
        "'marks' has no event of 'a red box', so its time was found in the video."
    )
    assert second == (
        "'marks' has no event of 'a red box', 'a blue box', so their time was found in the video."
    )


def test_a_given_event_without_boxes_is_no_crash(make, ground, mark, label):
    dataset = make("good")
    label(dataset, colours=["red"])
    mark(dataset, (RED, [22, 28]))
    assert ground(dataset, RED, boxes_field="gt", events_field="marks").counts == {"no_boxes": 1}
    dataset.reload()
    assert supports(dataset) == [[[22, 28]]]
    assert "No usable box is in the given time" in dataset.first().e3m_message


def test_one_frame_and_one_frame_of_video_are_no_special_cases(make, ground, mark):
    dataset = make("good", "single")
    mark(dataset, (RED, [1, 1]))
    dataset.limit(1).set_values("marks.detections.support", [[[14, 14]]])
    assert ground(dataset, RED, events_field="marks").counts == {"ok": 2}
    dataset.reload()
    assert supports(dataset) == [[[14, 14]], [[1, 1]]]


def test_a_filter_on_the_events_counts(make, ground, mark):
    dataset = make("good")
    mark(dataset, (RED, [13, 18]), (BLUE, [2, 9]))
    view = dataset.filter_labels("marks", F("label") == BLUE)
    ground(view, [RED, BLUE], events_field="marks")
    dataset.reload()
    assert supports(dataset)[0][1] == [2, 9]
    assert "'marks' has no event of 'a red box'" in dataset.first().e3m_message


def test_the_events_of_another_grounding_serve_as_well(make, ground, truth):
    dataset = make("good")
    ground(dataset, RED)
    e3m.correct_event(dataset.first(), RED, last=18)
    ground(dataset, RED, field="again", events_field="e3m_events")
    dataset.reload()
    assert supports(dataset, "again") == supports(dataset)
    assert supports(dataset)[0][0][1] == 18


def test_a_stopped_run_is_continued_with_the_same_times(make, ground, mark):
    dataset = make("good", "late")
    mark(dataset, (RED, [13, 18]))

    def stop(done, total, report):
        e3m.request_stop(dataset, dataset.list_runs()[-1])

    given = {"events_field": "marks", "events_role": "prior"}
    stopped = ground(dataset, RED, **given, progress=stop)
    assert stopped.left == 1
    settings = dataset.get_run_info(stopped.run_key).config.settings
    assert (settings["events_field"], settings["events_role"]) == ("marks", "prior")
    again = Request.from_settings(settings)
    assert (again.events_field, again.events_role) == ("marks", "prior")
    assert again.settings == settings
    with pytest.raises(e3m.GroundingError, match="already holds a grounding"):
        ground(dataset, RED)
    with pytest.raises(e3m.GroundingError, match="already holds a grounding"):
        ground(dataset, RED, events_field="marks")
    continued = ground(dataset, RED, **given)
    assert (continued.run_key, continued.skipped) == (stopped.run_key, 1)
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]


def test_a_record_of_an_earlier_version_has_no_times(make, ground):
    dataset = make("good")
    ground(dataset, RED)
    settings = dataset.get_run_info(dataset.list_runs()[0]).config.settings
    old = {k: v for k, v in settings.items() if not k.startswith("events_")}
    assert Request.from_settings(old).settings == settings
    assert (settings["events_field"], settings["events_role"]) == (None, "window")


def test_its_own_output_cannot_be_the_source(make, ground, content):
    dataset = make("good")
    ground(dataset, RED)
    dataset.reload()
    before = content(dataset.first())
    with pytest.raises(e3m.GroundingError, match="would replace the events in 'e3m_events'"):
        ground(dataset, RED, events_field="e3m_events", overwrite=True)
    dataset.reload()
    assert content(dataset.first()) == before
