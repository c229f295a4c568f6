"""Pins that a written video can be read back completely, and that nothing else changes."""

import fiftyone as fo
import numpy as np
import pytest

from fiftyone_e3m import E3MConfig
from fiftyone_e3m.dataset import writing
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.dataset.writing import write_answers, write_status
from fiftyone_e3m.pipeline import Pipeline
from fiftyone_e3m.video import Video

FIELDS = Fields("e3m")
N = 30


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video):
    """A red box in frames 10 to 19 (0-based), a blue one all the time."""
    frames = [{"blue": (10 + i, 70, 40 + i, 100)} for i in range(N)]
    for i in range(10, 20):
        frames[i]["red"] = (2 * i, 10, 2 * i + 40, 50)
    return Video.open(draw_video(tmp_path_factory.mktemp("writing") / "v.mp4", frames))


@pytest.fixture
def answers(video, fake_encoder, fake_detector):
    def find(*queries):
        return Pipeline(fake_encoder, E3MConfig()).run(video, fake_detector, queries)[0]

    return find


@pytest.fixture
def dataset(video):
    """Two samples of the video with other labels; one of them is written."""
    dataset = fo.Dataset()
    for _ in range(2):
        sample = fo.Sample(filepath=str(video.path), caption="mine")
        sample.frames[3] = fo.Frame(gt=fo.Detections(detections=[fo.Detection(label="mine")]))
        dataset.add_sample(sample)
    FIELDS.declare(dataset, several_queries=True)
    yield dataset
    dataset.delete()


def test_what_is_written_reads_back(dataset, video, answers):
    found = answers("a red box", "a blue box")
    write_answers(dataset, FIELDS, dataset.first().id, video, found)
    sample = dataset.first()
    assert list(sample.frames) == list(range(1, N + 1))
    assert [d.label for d in sample.e3m_events.detections] == ["a red box", "a blue box"]
    assert sample.e3m_confidence == pytest.approx(np.mean([a.confidence for a in found]))
    for number, frame in sample.frames.items():
        highest = max(a.tube.relevance[number - 1] for a in found)
        assert frame.e3m_relevance == pytest.approx(highest)
        read = [(c.label, c.confidence) for c in frame.e3m_queries.classifications]
        assert read == [(a.query, pytest.approx(a.tube.relevance[number - 1])) for a in found]
        boxes = frame.e3m.detections if frame.e3m else []
        inside = [i for i, a in enumerate(found, 1) if number - 1 in a.tube.frames]
        assert [box.index for box in boxes] == inside


@pytest.mark.parametrize("at_once", [1, 14, 5000])
def test_a_long_video_is_written_whole_though_in_blocks(
    dataset, video, answers, monkeypatch, at_once
):
    sizes, set_values = [], fo.Dataset.set_values

    def spy(self, name, values, **options):
        if name.startswith("frames."):
            sizes.extend(map(len, values.values()))
        return set_values(self, name, values, **options)

    monkeypatch.setattr(fo.Dataset, "set_values", spy)
    monkeypatch.setattr(writing, "LABELS_AT_ONCE", at_once)
    found = answers("a red box", "a blue box")
    write_answers(dataset, FIELDS, dataset.first().id, video, found)
    assert max(sizes) == {1: 1, 14: 7, 5000: N}[at_once], "two labels for each frame"
    frames = dataset.limit(1)
    assert frames.values("frames.frame_number") == [list(range(1, N + 1))]
    highest = np.max([a.tube.relevance for a in found], axis=0)
    assert frames.values("frames.e3m_relevance") == [pytest.approx(highest)]
    assert frames.count("frames.e3m_queries.classifications") == 2 * N
    boxes = "frames.e3m.detections"
    indices, objects = frames.values([f"{boxes}.index", f"{boxes}.instance.id"], unwind=True)
    assert sorted(indices) == [1] * len(found[0].tube.frames) + [2] * len(found[1].tube.frames)
    assert len(set(zip(indices, objects, strict=True))) == 2, "one object per sentence"


def test_one_query_leaves_the_field_of_queries_empty(dataset, video, answers):
    write_answers(dataset, FIELDS, dataset.first().id, video, answers("a red box"))
    assert dataset.limit(1).count("frames.e3m_queries.classifications") == 0
    assert dataset.limit(1).count("frames.e3m_relevance") == N


def test_own_labels_and_the_other_sample_stay(dataset, video, answers):
    other = dataset.last().to_dict()
    write_answers(dataset, FIELDS, dataset.first().id, video, answers("a red box"))
    write_status(dataset, FIELDS, dataset.first().id, "ok", "")
    assert dataset.first().frames[3].gt.detections[0].label == "mine"
    assert dataset.first().caption == "mine"
    dataset.reload()
    assert dataset.last().to_dict() == other
    assert list(dataset.last().frames) == [3]


def test_metadata_is_filled_in_without_ffprobe(dataset, video, answers, monkeypatch):
    monkeypatch.setenv("PATH", "")
    write_answers(dataset, FIELDS, dataset.first().id, video, answers("a red box"))
    assert dataset.first().metadata.total_frame_count == N
    assert dataset.last().metadata is None


def test_metadata_that_is_there_is_kept(dataset, video, answers):
    dataset.set_values("metadata", [fo.VideoMetadata(mime_type="mine"), None])
    write_answers(dataset, FIELDS, dataset.first().id, video, answers("a red box"))
    assert dataset.first().metadata.mime_type == "mine"


def test_a_status_has_a_message_where_there_is_something_to_say(dataset):
    write_status(dataset, FIELDS, dataset.first().id, "ok", "")
    write_status(dataset, FIELDS, dataset.last().id, "failed", "It broke.")
    assert dataset.values(["e3m_status", "e3m_message"]) == (["ok", "failed"], [None, "It broke."])
