"""Pins the content of a dataset after a run: every documented field, and the run record."""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m

RED, BLUE = "a red box", "a blue box"


def test_all_fields_of_the_contract_are_written(make, ground, truth):
    dataset = make("good")
    summary = ground(dataset, RED)
    dataset.reload()
    sample = dataset.first()
    assert (sample.e3m_status, sample.e3m_message) == ("ok", None)
    assert sample.metadata.total_frame_count == truth.n
    (event,) = sample.e3m_events.detections
    first, last = event.support
    assert event.label == RED
    assert 1 <= first <= last <= truth.n
    assert abs(first - truth.first) <= 4, (
        "the sampled frames are 2 apart, and events at least 6 long"
    )
    assert abs(last - truth.last) <= 4
    assert 0 < event.confidence <= 1
    assert sample.e3m_confidence == event.confidence
    assert list(sample.frames) == list(range(1, truth.n + 1))
    assert all(0 <= frame.e3m_relevance <= 1 for frame in sample.frames.values())
    assert max(range(1, truth.n + 1), key=lambda n: sample.frames[n].e3m_relevance) in range(
        truth.first, 21
    )
    tube = {n: frame.e3m.detections for n, frame in sample.frames.items() if frame.e3m}
    assert list(tube) == list(range(first, last + 1))
    for number, (box,) in tube.items():
        assert (box.label, box.index) == (RED, 1)
        assert 0 <= box.confidence <= 1
        assert box.source in ("detected", "tracked", "interpolated")
        if truth.first <= number <= truth.last:
            x, y, w, h = box.bounding_box
            found = [x * 160, y * 120, (x + w) * 160, (y + h) * 120]
            assert found == pytest.approx(truth.box(number), abs=4)
    assert len({box.instance.id for (box,) in tube.values()}) == 1
    keyframes = [number for number, (box,) in tube.items() if box.keyframe]
    assert 2 <= len(keyframes) < len(tube)
    assert (keyframes[0], keyframes[-1]) == (first, last)
    assert {box.source for (box,) in tube.values()} >= {"detected", "interpolated"}
    assert not dataset.has_frame_field("e3m_queries"), "there is one query only"
    assert dataset.active_label_schemas == ["frames.e3m", "e3m_events"], "for the Annotate tab"
    assert dataset.label_schemas["frames.e3m"]["classes"] == [RED]
    assert (summary.counts, summary.skipped, summary.field) == ({"ok": 1}, 0, "e3m")
    (answer,) = summary.videos[0].answers
    assert (answer.first_frame, answer.last_frame) == (first, last)
    assert (answer.start, answer.end) == pytest.approx(((first - 1) / 10, last / 10))
    assert answer.n_boxes == len(tube)


def test_fields_are_declared_even_if_nothing_is_found(make, ground, truth):
    dataset = make("empty")
    ground(dataset, RED)
    dataset.reload()
    assert dataset.get_field("frames.e3m").document_type is fo.Detections
    assert dataset.has_frame_field("e3m.detections.source")
    assert dataset.count("frames.e3m.detections") == 0
    assert dataset.count("frames.e3m_relevance") == truth.n
    assert dataset.count("e3m_events.detections") == 1


def test_queries_of_a_video_are_told_apart(make, ground):
    dataset = make("good")
    ground(dataset, [RED, BLUE], field="two")
    dataset.reload()
    sample = dataset.first()
    assert [event.label for event in sample.two_events.detections] == [RED, BLUE]
    labels, instances = {}, {}
    for frame in sample.frames.values():
        for box in frame.two.detections if frame.two else []:
            labels.setdefault(box.index, set()).add(box.label)
            instances.setdefault(box.index, set()).add(box.instance.id)
        relevances = {c.label: c.confidence for c in frame.two_queries.classifications}
        assert list(relevances) == [RED, BLUE]
        assert frame.two_relevance == max(relevances.values())
    assert labels == {1: {RED}, 2: {BLUE}}
    assert [len(ids) for ids in instances.values()] == [1, 1]
    assert not instances[1] & instances[2]


@pytest.mark.parametrize("denoise", ["outside", "none"])
def test_a_second_query_costs_no_image(make, ground, fake_encoder, fake_detector, denoise):
    dataset = make("good")
    config = e3m.E3MConfig(denoise=denoise)
    ground(dataset, RED, field="one", config=config)
    images, batches = fake_encoder.n_images, len(fake_detector.batches)
    assert images
    ground(dataset, [RED, BLUE], field="two", config=config)
    assert fake_encoder.n_images == 2 * images
    assert len(fake_detector.batches) == 2 * batches


def test_a_sentence_per_video_comes_from_a_field(make, ground):
    dataset = make("good", "good", "good")
    dataset.set_values("asked", [[RED], [BLUE, " ", RED], ["  "]])
    ground(dataset, query_field="asked")
    dataset.reload()
    assert dataset.values("e3m_events.detections.label") == [[RED], [BLUE, RED], None]
    assert dataset.values("e3m_status") == ["ok", "ok", "no_query"]
    view = dataset.match_frames(F("e3m_queries") != None)  # noqa: E711
    assert view.values("id") == [dataset.values("id")[1]]


def test_sentences_of_several_fields_are_asked_together_and_each_once(make, ground):
    dataset = make("good", "good")
    dataset.set_values("first", [RED, None])
    dataset.set_values("second", [[BLUE, RED], [BLUE]])
    key = ground(dataset, query_field=["first", "second"]).run_key
    dataset.reload()
    assert dataset.values("e3m_events.detections.label") == [[RED, BLUE], [BLUE]]
    assert dataset.get_run_info(key).config.settings["query_field"] == ["first", "second"]


def test_the_run_record_says_how_and_can_be_repeated(make, ground, fake_encoder, fake_detector):
    dataset = make("good", "text")
    config = e3m.E3MConfig(seed=3, classes=("red", "blue"))
    key = ground(dataset, [RED, BLUE], config=config).run_key
    dataset.reload()
    assert dataset.list_runs() == [key]
    record = dataset.get_run_info(key).config
    assert record.state == "finished"
    assert (record.n_videos, record.counts) == (2, {"ok": 1, "unreadable": 1})
    assert record.problems[0]["filepath"].endswith("text.mp4")
    assert record.versions["fiftyone_e3m"] == e3m.__version__
    settings = {**record.settings, "config": e3m.E3MConfig(**record.settings["config"])}
    assert settings["config"] == config
    assert (settings["encoder"], settings["detector"]) == (fake_encoder.name, fake_detector.name)
    before = dataset.values("e3m_events.detections.support")
    models = {"encoder": fake_encoder, "detector": fake_detector}
    e3m.ground(dataset, **{**settings, **models}, overwrite=True, progress=False)
    dataset.reload()
    assert dataset.values("e3m_events.detections.support") == before
    newer = next(k for k in dataset.list_runs() if k != key)
    assert dataset.get_run_info(newer).config.settings == record.settings
