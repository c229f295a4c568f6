"""Pins what is read from a dataset: sentences, boxes of the right frames, metadata of a file."""

import fiftyone as fo
import numpy as np
import pytest
from fiftyone import ViewField as F
from hypothesis import given
from hypothesis import strategies as st

from fiftyone_e3m.dataset.reading import labels_of, read_boxes, video_metadata
from fiftyone_e3m.request import sentences
from fiftyone_e3m.video import Video

N, STEP = 30, 5
SAMPLED = np.arange(0, N, STEP)


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video):
    path = tmp_path_factory.mktemp("reading") / "v.mp4"
    return Video.open(draw_video(path, [{"red": (10, 10, 50, 50)}] * N))


@pytest.fixture
def dataset():
    dataset = fo.Dataset()
    yield dataset
    dataset.delete()


def box(number, label="red", confidence=0.9):
    """The position of a box encodes its frame number."""
    return fo.Detection(label=label, bounding_box=[number / 100, 0, 0.5, 1], confidence=confidence)


def labelled(dataset, video, frames):
    sample = fo.Sample(filepath=str(video.path))
    for number, detections in frames.items():
        sample.frames[number] = fo.Frame(
            gt=None if detections is None else fo.Detections(detections=detections)
        )
    dataset.add_sample(sample)
    return sample.id


def numbers(found, video):
    """The 1-based frame whose box was read for each sampled frame; 0 for none."""
    return [round(float(b.xyxy[0, 0]) / video.width * 100) if len(b) else 0 for b in found]


@given(st.one_of(st.none(), st.text(), st.lists(st.one_of(st.none(), st.text()))))
def test_sentences_are_never_empty_none_is_lost_and_none_is_asked_twice(value):
    given_ = [value] if isinstance(value, str) else [v for v in value or [] if v is not None]
    stripped = [text.strip() for text in given_ if text.strip()]
    assert sentences(value) == sorted(set(stripped), key=stripped.index)


def test_boxes_come_from_the_frame_that_is_sampled(dataset, video):
    sample_id = labelled(dataset, video, {n: [box(n)] for n in range(1, N + 1)})
    found = read_boxes(dataset, sample_id, "gt", video, SAMPLED)
    assert numbers(found, video) == [1, 6, 11, 16, 21, 26]
    assert found[0].labels == ("red",)
    assert found[0].xyxy[0] == pytest.approx([0.01 * 160, 0, 0.51 * 160, 120])


def test_sparse_labels_serve_the_sampled_frame_next_to_them(dataset, video):
    """Frames 1, 6, 11, ... are sampled; half a step reaches two frames to each side, not three."""
    sample_id = labelled(dataset, video, {n: [box(n)] for n in (3, 9, 14, 30)})
    found = read_boxes(dataset, sample_id, "gt", video, SAMPLED)
    assert numbers(found, video) == [3, 0, 9, 14, 0, 0]


def test_a_frame_set_to_no_detections_borrows_none(dataset, video):
    sample_id = labelled(dataset, video, {1: [], 2: [box(2)], 6: None, 7: [box(7)]})
    found = read_boxes(dataset, sample_id, "gt", video, SAMPLED)
    assert numbers(found, video) == [0, 7, 0, 0, 0, 0]


def test_a_single_sampled_frame_borrows_none(dataset, video):
    sample_id = labelled(dataset, video, {2: [box(2)]})
    assert numbers(read_boxes(dataset, sample_id, "gt", video, SAMPLED[:1]), video) == [0]


def test_a_video_without_any_label_has_no_boxes(dataset, video):
    dataset.media_type = "video"
    dataset.add_frame_field("gt", fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
    sample_id = labelled(dataset, video, {})
    found = read_boxes(dataset, sample_id, "gt", video, SAMPLED)
    assert [len(boxes) for boxes in found] == [0] * len(SAMPLED)


def test_a_detection_without_confidence_scores_1(dataset, video):
    sample_id = labelled(dataset, video, {1: [box(1, confidence=None), box(1, confidence=0.25)]})
    assert read_boxes(dataset, sample_id, "gt", video, SAMPLED)[0].scores.tolist() == [1, 0.25]


def test_a_filter_of_the_view_counts(dataset, video):
    frames = {n: [box(n), box(n + 50, "blue", 0.3)] for n in range(1, N + 1)}
    sample_id = labelled(dataset, video, frames)
    view = dataset.filter_labels("frames.gt", F("label") == "blue")
    assert numbers(read_boxes(view, sample_id, "gt", video, SAMPLED), video)[:2] == [51, 56]
    view = dataset.filter_labels("frames.gt", F("confidence") > 0.5)
    found = read_boxes(view, sample_id, "gt", video, SAMPLED)
    assert [boxes.labels for boxes in found] == [("red",)] * len(SAMPLED)


def test_only_the_boxes_of_the_asked_sample_are_read(dataset, video):
    labelled(dataset, video, {1: [box(40)]})
    sample_id = labelled(dataset, video, {1: [box(1)]})
    assert numbers(read_boxes(dataset, sample_id, "gt", video, SAMPLED), video)[0] == 1


def test_metadata_needs_no_ffprobe(video, monkeypatch):
    monkeypatch.setenv("PATH", "")
    metadata = video_metadata(video)
    assert isinstance(metadata, fo.VideoMetadata)
    assert (metadata.frame_width, metadata.frame_height) == (160, 120)
    assert (metadata.total_frame_count, metadata.frame_rate, metadata.duration) == (30, 10, 3)
    assert metadata.size_bytes == video.path.stat().st_size
    assert metadata.mime_type == "video/mp4"


def test_videos_of_a_run_stay_though_it_empties_the_field_that_they_were_chosen_by(dataset, video):
    sample_id = labelled(dataset, video, {1: [box(1)]})
    dataset.set_values("frames.gt_e3m", [[fo.Detections(detections=[box(1)])]])
    view = dataset.filter_labels("frames.gt_e3m", F("confidence") > 0.5)
    dataset.clear_frame_field("gt_e3m")
    assert labels_of(view, [sample_id], "frames.gt").values("id") == [sample_id]
