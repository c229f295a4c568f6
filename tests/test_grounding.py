"""Pins `ground`: what stands in a dataset after a run, whatever happens on the way.

Videos are drawn, the models see colours only, and the database is real. The promises: every field
of the contract is there; one bad video costs only itself; what a user has is never touched; a run
that is killed costs nothing that was done.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.signals import progress_of, request_stop
from fiftyone_e3m.request import GroundingError

N = 30
RED, BLUE = "a red box", "a blue box"
FIRST, LAST = 11, 20
"""1-based frames in which the red box is seen."""
DEADLINE = 120
"""Seconds after which a subprocess counts as hung."""


def scene(n=N, first=FIRST, last=LAST):
    """A blue box that is there all the time, and a red one from `first` to `last` (1-based)."""
    frames = [{"blue": (10 + i, 70, 40 + i, 100)} for i in range(n)]
    for i in range(first - 1, last):
        frames[i]["red"] = red_box(i + 1)
    return frames


def red_box(number):
    return (2 * number, 10, 2 * number + 40, 50)


@pytest.fixture(scope="session")
def videos(tmp_path_factory, draw_video):
    """Sound and broken videos, by name."""
    folder = tmp_path_factory.mktemp("grounding")
    draw_video(folder / "good.mp4", scene())
    draw_video(folder / "late.mp4", scene(first=19, last=28))
    draw_video(folder / "empty.mp4", [{}] * N)
    draw_video(folder / "single.mp4", scene()[10:11])
    whole = draw_video(folder / "whole.avi", scene(), codec="MJPG").read_bytes()
    (folder / "cut.avi").write_bytes(whole[: len(whole) // 2])
    (folder / "clipped.avi").write_bytes(whole[: len(whole) * 94 // 100])
    (folder / "text.mp4").write_text("this is no video\n" * 100)
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def make(videos):
    """`make("good", "late", caption=...)`: a dataset of these videos."""
    made = []

    def dataset(*names, **fields):
        made.append(fo.Dataset(persistent=True))  # survives the exit of a subprocess
        samples = [fo.Sample(filepath=str(videos[name]), **fields) for name in names]
        made[-1].add_samples(samples, progress=False)
        return made[-1]

    yield dataset
    for dataset in made:
        dataset.delete()


@pytest.fixture
def ground(fake_encoder, fake_detector):
    """`e3m.ground` with the stand-ins for the models."""

    def run(samples, query=None, **options):
        models = {"encoder": fake_encoder, "detector": fake_detector, "progress": False}
        return e3m.ground(samples, query, **{**models, **options})

    return run


def label(dataset, name="gt", colours=("red", "blue"), numbers=range(1, N + 1), **values):
    """Draws the scene's boxes into a frame field of every sample."""
    truth = {
        number: fo.Detections(
            detections=[
                fo.Detection(
                    label=colour,
                    bounding_box=[x1 / 160, y1 / 120, (x2 - x1) / 160, (y2 - y1) / 120],
                    **values,
                )
                for colour, (x1, y1, x2, y2) in scene()[number - 1].items()
                if colour in colours
            ]
        )
        for number in numbers
    }
    dataset.set_values(f"frames.{name}", dict.fromkeys(dataset.values("id"), truth), key_field="id")


def tops(dataset):
    """Upper edges of all boxes of the tubes, 0..1."""
    frames = [frame for sample in dataset for frame in sample.frames.values() if frame.e3m]
    assert frames
    return [box.bounding_box[1] for frame in frames for box in frame.e3m.detections]


def content(sample):
    """All that a sample and its frames hold, but for the time of the last change."""
    read = [sample.to_dict(), *(frame.to_dict() for frame in sample.frames.values())]
    return [{k: v for k, v in d.items() if k != "last_modified_at"} for d in read]


# What is written


def test_all_fields_of_the_contract_are_written(make, ground):
    dataset = make("good")
    summary = ground(dataset, RED)
    dataset.reload()
    sample = dataset.first()
    assert (sample.e3m_status, sample.e3m_message) == ("ok", None)
    assert sample.metadata.total_frame_count == N
    (event,) = sample.e3m_events.detections
    first, last = event.support
    assert event.label == RED
    assert 1 <= first <= last <= N
    assert abs(first - FIRST) <= 4, "the sampled frames are 2 apart, and events at least 6 long"
    assert abs(last - LAST) <= 4
    assert 0 < event.confidence <= 1
    assert sample.e3m_confidence == event.confidence
    assert list(sample.frames) == list(range(1, N + 1))
    assert all(0 <= frame.e3m_relevance <= 1 for frame in sample.frames.values())
    assert max(range(1, N + 1), key=lambda n: sample.frames[n].e3m_relevance) in range(FIRST, 21)
    tube = {n: frame.e3m.detections for n, frame in sample.frames.items() if frame.e3m}
    assert list(tube) == list(range(first, last + 1))
    for number, (box,) in tube.items():
        assert (box.label, box.index) == (RED, 1)
        assert 0 <= box.confidence <= 1
        assert box.source in ("detected", "tracked", "interpolated")
        assert box.keyframe == (box.source == "detected")
        if FIRST <= number <= LAST:
            x, y, w, h = box.bounding_box
            found = [x * 160, y * 120, (x + w) * 160, (y + h) * 120]
            assert found == pytest.approx(red_box(number), abs=4)
    assert len({box.instance.id for (box,) in tube.values()}) == 1
    assert {box.source for (box,) in tube.values()} >= {"detected", "interpolated"}
    assert not dataset.has_frame_field("e3m_queries"), "there is one query only"
    assert (summary.counts, summary.skipped, summary.field) == ({"ok": 1}, 0, "e3m")
    (answer,) = summary.videos[0].answers
    assert (answer.first_frame, answer.last_frame) == (first, last)
    assert (answer.start, answer.end) == pytest.approx(((first - 1) / 10, last / 10))
    assert answer.n_boxes == len(tube)


def test_fields_are_declared_even_if_nothing_is_found(make, ground):
    dataset = make("empty")
    ground(dataset, RED)
    dataset.reload()
    assert dataset.get_field("frames.e3m").document_type is fo.Detections
    assert dataset.has_frame_field("e3m.detections.source")
    assert dataset.count("frames.e3m.detections") == 0
    assert dataset.count("frames.e3m_relevance") == N
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
    assert images > N / 2
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
    assert dataset.get_run_info(newer).config.fingerprint == record.fingerprint


# Boxes that the dataset has


@pytest.mark.parametrize("prefix", ["", "frames."])
def test_boxes_of_a_field_win_over_the_detector(make, ground, fake_detector, prefix):
    dataset = make("good")
    label(dataset, colours=["red"])
    summary = ground(dataset, BLUE, boxes_field=f"{prefix}gt")
    assert fake_detector.batches == []
    assert summary.boxes == "frames.gt"
    dataset.reload()
    assert all(top < 0.2 for top in tops(dataset)), "only the red one, above, was there"


def test_a_filter_on_the_boxes_counts(make, ground):
    dataset = make("good")
    label(dataset)
    ground(dataset.filter_labels("frames.gt", F("label") == "blue"), RED, boxes_field="gt")
    dataset.reload()
    assert all(top > 0.5 for top in tops(dataset)), "only the blue one, below, was left"


def test_sparse_labels_are_enough(make, ground):
    """Sampled are the frames 1, 3, 5, ...; labelled are even ones."""
    dataset = make("good")
    label(dataset, numbers=range(2, N + 1, 2))
    ground(dataset, RED, boxes_field="gt")
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok"]
    assert dataset.first().frames[15].e3m.detections[0].source == "detected"


def test_odd_boxes_are_ignored_and_told(make, ground):
    dataset = make("good")
    label(dataset)
    odd = [[0.5, 0.5, -0.1, 0.1], [0.2, 0.2, 0, 0.3], [float("nan"), 0, 1, 1], []]
    frame = dataset.first().frames[1]
    frame.gt.detections += [fo.Detection(label="odd", bounding_box=box) for box in odd]
    frame.save()
    ground(dataset, RED, boxes_field="gt")
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok"]
    assert "4 boxes without an area or with a NaN were ignored" in dataset.first().e3m_message


def test_low_scores_and_other_classes_take_no_part(make, ground):
    dataset = make("good", "good")
    label(dataset, "sure", confidence=0.3)
    summary = ground(dataset, RED, boxes_field="sure", config=e3m.E3MConfig(conf=0.5))
    assert summary.counts == {"no_boxes": 2}
    config = e3m.E3MConfig(classes=("dog",))
    summary = ground(dataset, RED, field="other", boxes_field="sure", config=config)
    assert summary.counts == {"no_boxes": 2}


def test_videos_chosen_by_an_earlier_result_can_be_grounded_again(make, ground):
    """Overwriting empties the very field that the view looks at."""
    dataset = make("good", "late")
    label(dataset)
    ground(dataset, RED, boxes_field="gt")
    view = dataset.match(F("e3m_confidence") >= 0).filter_labels("frames.gt", F("label") == "blue")
    assert len(view) == 2
    summary = ground(view, RED, boxes_field="gt", overwrite=True)
    assert summary.counts == {"ok": 2}
    dataset.reload()
    assert dataset.get_run_info(summary.run_key).config.n_videos == 2
    assert all(top > 0.5 for top in tops(dataset)), "the filter on the boxes still counts"


# One bad video costs only itself


def test_each_bad_video_says_why_and_the_good_one_is_grounded(make, ground):
    names = ["good", "cut", "text", "empty", "single", "good"]
    dataset = make(*names)
    dataset.set_values("caption", [RED] * 5 + [""])
    summary = ground(dataset, query_field="caption")
    dataset.reload()
    found = dict(zip(dataset.values("filepath"), dataset.values("e3m_status"), strict=True))
    statuses, messages = dataset.values(["e3m_status", "e3m_message"])
    assert len(found) == 5
    assert statuses == ["ok", "unreadable", "unreadable", "no_boxes", "one_frame", "no_query"]
    assert messages[0] is None
    for message, reason in zip(
        messages[1:],
        [
            "decoding stops after",
            "text.mp4 is not a video that can be opened",
            "No box was found in any frame",
            "single frame",
            "no sentence in 'caption'",
        ],
        strict=True,
    ):
        assert reason in message
    text = str(summary)
    assert "1 of 6 videos grounded" in text
    assert "2 unreadable" in text
    for report, message in zip(summary.videos[1:], messages[1:], strict=True):
        assert f"{report.filepath}: {report.status}. {message}" in text
    assert len(summary.not_ok) == 5
    assert summary.run_key in dataset.list_runs()


def test_a_video_with_a_few_frames_missing_at_its_end_is_used_as_far_as_it_goes(make, ground):
    dataset = make("clipped")
    ground(dataset, RED)
    dataset.reload()
    sample = dataset.first()
    assert sample.e3m_status == "ok"
    assert "The frames that are there were used." in sample.e3m_message
    assert 0.9 * N <= len(sample.frames) < N


def test_what_the_encoder_cannot_do_is_told(make, ground, fake_encoder):
    fake_encoder.notice = "It knows colours only."
    dataset = make("single")
    summary = ground(dataset, RED)
    assert fake_encoder.notice in str(summary)
    assert dataset.get_run_info(summary.run_key).config.notices == [fake_encoder.notice]


class Fails:
    """Works, but for one call."""

    def __init__(self, detector, call):
        self.detector, self.call, self.name = detector, call, "fails"

    def detect(self, frames):
        if len(self.detector.batches) == self.call:
            self.detector.batches.append(0)
            raise RuntimeError("the card fell off the bus")
        return self.detector.detect(frames)


def test_a_detector_that_raises_on_one_video_fails_that_one(make, ground, fake_detector):
    dataset = make("single", "single", "single")
    summary = ground(dataset, RED, detector=Fails(fake_detector, call=1))
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", "failed", "one_frame"]
    assert dataset.values("e3m_message")[1] == "RuntimeError: the card fell off the bus"
    assert dataset.get_run_info(summary.run_key).config.state == "finished"


def test_a_missing_file_is_told_and_can_be_grounded_later(make, ground, videos):
    dataset = make("good", "good")
    dataset.set_values("filepath", [str(videos["good"]), "/nowhere/late.mp4"])
    ground(dataset, RED)
    assert "/nowhere/late.mp4 does not exist" in dataset.values("e3m_message")[1]
    dataset.set_values("filepath", [str(videos["good"]), str(videos["late"])])
    summary = ground(dataset.exists("e3m_events", False), RED)
    assert summary.counts == {"ok": 1}
    dataset.reload()
    assert dataset.values(["e3m_status", "e3m_message"]) == (["ok", "ok"], [None, None])


# What a user has


def test_a_refused_request_leaves_the_dataset_as_it_was(make, ground, fake_encoder):
    dataset = make("good", caption="mine")
    dataset.add_frame_field("e3m", fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
    label(dataset, "e3m")
    before = content(dataset.first())
    for request in (
        {"query": RED},
        {"query": ""},
        {"query": RED, "query_field": "caption"},
        {"query": RED, "field": "a b"},
        {"query": RED, "boxes_field": "nope", "field": "fresh"},
        {"query_field": "nope", "field": "fresh"},
    ):
        with pytest.raises(GroundingError, match=r"[.]$"):
            ground(dataset, **request)
    dataset.reload()
    assert content(dataset.first()) == before
    assert dataset.list_runs() == []
    assert fake_encoder.n_images == 0


@pytest.mark.parametrize(
    ("models", "error"),
    [
        ({"encoder": "no model"}, e3m.EncoderError),
        ({"encoder": object()}, e3m.EncoderError),
        ({"detector": "/nowhere/yolo.pt"}, e3m.DetectorError),
        ({"detector": object()}, e3m.DetectorError),
    ],
    ids=str,
)
def test_a_model_that_cannot_be_loaded_leaves_no_trace(make, ground, models, error):
    dataset = make("good")
    with pytest.raises(error):
        ground(dataset, RED, **models)
    assert dataset.list_runs() == []
    assert not dataset.has_frame_field("e3m")


def test_running_twice_is_refused_with_a_way_out(make, ground):
    dataset = make("good", "late")
    ground(dataset, RED)
    before = [content(sample) for sample in dataset]
    with pytest.raises(GroundingError, match="already holds a grounding on 2 of these 2 videos"):
        ground(dataset, RED)
    dataset.reload()
    assert [content(sample) for sample in dataset] == before


def test_overwriting_leaves_nothing_of_the_old_answer_and_touches_no_other_sample(make, ground):
    dataset = make("good", "good")
    ground(dataset, [RED, BLUE])
    old = set(dataset.limit(1).values("frames.e3m.detections.id", unwind=True))
    other = content(dataset.last())
    summary = ground(dataset.limit(1), "a green box", detector=Nothing(), overwrite=True)
    dataset.reload()
    sample = dataset.first()
    assert summary.counts == {"no_boxes": 1}
    assert old
    assert dataset.limit(1).count("frames.e3m.detections") == 0
    assert dataset.limit(1).count("frames.e3m_queries.classifications") == 0
    assert [event.label for event in sample.e3m_events.detections] == ["a green box"]
    assert content(dataset.last()) == other
    ground(dataset.limit(1), RED, overwrite=True)
    dataset.reload()
    new = set(dataset.limit(1).values("frames.e3m.detections.id", unwind=True)) - {None}
    assert new
    assert not new & old
    assert dataset.first().e3m_message is None


class Nothing:
    """Finds nothing."""

    name = "nothing"

    def detect(self, frames):
        from fiftyone_e3m.boxes import Boxes

        return [Boxes.none() for _ in frames]


def test_further_videos_go_into_the_same_fields(make, ground):
    dataset = make("good", "late")
    ground(dataset.limit(1), RED)
    assert dataset.values("e3m_status") == ["ok", None]
    first = content(dataset.first())
    assert ground(dataset.skip(1), RED).counts == {"ok": 1}
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]
    assert content(dataset.first()) == first
    assert len(dataset.list_runs()) == 2


def test_the_order_of_a_view_keeps_answers_with_their_videos(make, ground):
    dataset = make("good", "late")
    ground(dataset.sort_by("filepath", reverse=True), RED)
    dataset.reload()
    good, late = (events[0][0] for events in dataset.values("e3m_events.detections.support"))
    assert good < late


# Progress


def test_progress_is_told_after_each_video(make, ground):
    dataset = make("single", "text")
    told = []
    summary = ground(dataset, RED, progress=lambda *told_now: told.append(told_now))
    assert [(done, total) for done, total, _ in told] == [(1, 2), (2, 2)]
    assert [report for *_, report in told] == summary.videos


def test_a_broken_display_does_not_cost_the_run(make, ground):
    def broken(done, total, report):
        raise OSError("the terminal is gone")

    dataset = make("single", "single")
    assert len(ground(dataset, RED, progress=broken).videos) == 2
    assert dataset.values("e3m_status") == ["one_frame"] * 2


def test_an_interrupted_run_keeps_what_is_done_and_goes_on_from_there(make, ground, fake_detector):
    def interrupt(done, total, report):
        if done == 2:
            raise KeyboardInterrupt

    dataset = make("single", "single", "single")
    with pytest.raises(KeyboardInterrupt):
        ground(dataset, RED, progress=interrupt)
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", "one_frame", None]
    summary = ground(dataset, RED)
    assert (summary.skipped, len(summary.videos)) == (2, 1)
    assert len(fake_detector.batches) == 3
    assert "2 were already done by the interrupted run" in str(summary)


def test_a_run_stops_on_request_between_two_videos_and_goes_on_later(make, ground):
    def ask_to_stop(done, total, report):
        (key,) = dataset.list_runs()
        assert progress_of(dataset, key).done == done
        if done == 2:
            request_stop(dataset, key)

    dataset = make("single", "single", "single", "single")
    first = ground(dataset, RED, progress=ask_to_stop)
    assert first.stopped
    assert first.counts == {"one_frame": 2}
    assert "stopped on request" in first.headline
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", "one_frame", None, None]
    assert dataset.get_run_info(first.run_key).config.state == "stopped"
    second = ground(dataset, RED)
    assert not second.stopped
    assert (second.run_key, second.skipped, len(second.videos)) == (first.run_key, 2, 2)
    assert progress_of(dataset, first.run_key).done == 4


# Killing the run

CHILD = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("stand_ins", sys.argv[1])
stand_ins = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stand_ins)
import fiftyone as fo
import fiftyone_e3m as e3m

class Blocks(stand_ins.FakeDetector):
    def detect(self, frames):
        if len(self.batches) == 2:
            print("the third video has begun", flush=True)
            sys.stdin.read()
        return super().detect(frames)

dataset = fo.load_dataset(sys.argv[2])
encoder = stand_ins.FakeEncoder()
options = json.loads(sys.argv[3])
options["config"] = e3m.E3MConfig(**options["config"])
e3m.ground(dataset, encoder=encoder, detector=Blocks(), progress=False, **options)
"""


def kill_during_third_video(dataset, **options):
    """Grounds in another process; each video is one call of the detector."""
    stand_ins = str(Path(__file__).with_name("conftest.py"))
    command = [sys.executable, "-c", CHILD, stand_ins, dataset.name, json.dumps(options)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as child:
        alarm = signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.alarm(DEADLINE)
        try:
            lines = iter(child.stdout.readline, "")
            assert any("the third video has begun" in line for line in lines)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, alarm)
            os.kill(child.pid, signal.SIGKILL)
    dataset.reload()


@pytest.mark.parametrize("overwrite", [False, True])
def test_after_a_kill_only_the_rest_is_grounded(make, ground, fake_detector, overwrite):
    dataset = make("good", "late", "good", "text")
    config = e3m.E3MConfig(sample_fps=2.5)  # 8 frames: one call of the detector
    if overwrite:
        ground(dataset, BLUE, config=config)
        fake_detector.batches.clear()
    options = {"query": RED, "config": config, "overwrite": overwrite}
    kill_during_third_video(dataset, **{**options, "config": config.model_dump()})
    assert dataset.values("e3m_status") == ["ok", "ok", None, None]
    assert dataset.values("e3m_events.detections.label") == [[RED], [RED], None, None]
    running = [k for k in dataset.list_runs() if dataset.get_run_info(k).config.state == "running"]
    done = [content(sample) for sample in dataset.limit(2)]

    summary = ground(dataset, **options)
    dataset.reload()
    assert fake_detector.batches == [8], "the text file is not even looked at"
    assert (summary.skipped, len(summary.videos)) == (2, 2)
    assert [summary.run_key] == running
    assert dataset.values("e3m_status") == ["ok", "ok", "ok", "unreadable"]
    assert [content(sample) for sample in dataset.limit(2)] == done
    record = dataset.get_run_info(summary.run_key).config
    assert (record.state, record.continued_after) == ("finished", 2)
    labels = dataset.values("frames.e3m.detections.label", unwind=True)
    assert {name for name in labels if name} == {RED}, "nothing of the old answer is left"
