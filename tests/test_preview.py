"""Tests the preview: the answer that a run would write for one video, without writing it."""

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.preview import preview
from fiftyone_e3m.request import GroundingError
from fiftyone_e3m.review.timelines import read_timelines
from fiftyone_e3m.video import VideoError

RED, BLUE = "a red box", "a blue box"
N = 20


@pytest.fixture(scope="module")
def path(tmp_path_factory, draw_video):
    """Two seconds of a blue box; a red one is in view from frame 6 to 15."""
    frames = [{"blue": (10 + i, 70, 40 + i, 100)} for i in range(N)]
    for i in range(5, 15):
        frames[i]["red"] = (2 * i, 10, 2 * i + 40, 50)
    return draw_video(tmp_path_factory.mktemp("preview") / "clip.mp4", frames)


@pytest.fixture
def dataset(path):
    dataset = fo.Dataset()
    for caption in ([RED, BLUE], None):
        sample = fo.Sample(filepath=str(path), captions=caption)
        for i in range(N):
            box = [(10 + i) / 160, 70 / 120, 30 / 160, 30 / 120]
            thing = fo.Detection(label="thing", bounding_box=box)
            sample.frames[i + 1] = fo.Frame(gt=fo.Detections(detections=[thing]))
        dataset.add_sample(sample)
    dataset.add_dynamic_sample_fields()
    yield dataset
    dataset.delete()


@pytest.fixture
def request_for(fake_encoder, fake_detector):
    """A request with the stand-ins for the models."""

    def make(query=None, **options):
        models = {"encoder": fake_encoder}
        if "boxes_field" not in options:
            models["detector"] = fake_detector
        return e3m.Request(query, **{**models, **options})

    return make


def everything(dataset):
    """Everything in a dataset: its document, samples and frames."""
    dataset.reload()
    document = dataset._doc.to_dict()
    document.pop("last_loaded_at")
    return document, [sample.to_dict(include_frames=True) for sample in dataset.iter_samples()]


def test_the_preview_is_what_a_run_then_writes(dataset, request_for):
    request = request_for([RED, BLUE])
    shown_timelines = preview(dataset, request).timelines
    e3m.ground(
        dataset.limit(1),
        [RED, BLUE],
        encoder=request.encoder,
        detector=request.detector,
        progress=False,
    )
    written = read_timelines(dataset, dataset.first().id, "e3m")
    assert [t.query for t in shown_timelines] == [t.query for t in written] == [RED, BLUE]
    for shown, kept in zip(shown_timelines, written, strict=True):
        assert shown.event == kept.event
        assert shown.frame_rate == kept.frame_rate == 10
        assert shown.confidence == pytest.approx(kept.confidence)
        assert shown.relevance.tolist() == pytest.approx(kept.relevance.tolist())
        assert shown.frames.tolist() == kept.frames.tolist() == list(range(1, N + 1))
        assert shown.boxes.keys() == kept.boxes.keys()
        assert all(shown.boxes[n] == pytest.approx(kept.boxes[n]) for n in shown.boxes)
        assert shown.atomic_starts == kept.atomic_starts
        assert [n for n, _ in shown.prototypes] == [n for n, _ in kept.prototypes]
        assert dict(shown.prototypes) == pytest.approx(dict(kept.prototypes))
    assert shown_timelines[0].boxes, "the red box was found"


def test_nothing_is_written(dataset, request_for):
    before = everything(dataset)
    previewed = preview(dataset, request_for(RED))
    assert previewed.timelines
    assert everything(dataset) == before


def test_only_the_first_video_is_looked_at(dataset, request_for):
    dataset.set_values("filepath", [dataset.first().filepath, "/nowhere/none.mp4"])
    assert preview(dataset, request_for(RED)).video.frame_count == N
    with pytest.raises(VideoError, match="does not exist"):
        preview(dataset.skip(1), request_for(RED))


def test_sentences_and_boxes_come_from_its_fields(dataset, request_for, fake_detector):
    previewed = preview(dataset, request_for(query_field="captions", boxes_field="gt"))
    assert [t.query for t in previewed.timelines] == [RED, BLUE]
    assert fake_detector.batches == []


def test_times_come_from_its_events(dataset, request_for):
    mark = fo.TemporalDetection(label=RED, support=[8, 13])
    sample = dataset.first()
    sample["marks"] = fo.TemporalDetections(detections=[mark])
    sample.save()
    previewed = preview(dataset, request_for([RED, BLUE], events_field="marks"))
    assert previewed.timelines[0].event == (8, 13)
    expected = "'marks' has no event of 'a blue box', so its time was found in the video."
    assert previewed.notes[0] == expected


def test_a_filter_of_the_view_counts(dataset, request_for):
    view = dataset.filter_labels("frames.gt", fo.ViewField("label") == "car", only_matches=False)
    (timeline,) = preview(view, request_for(RED, boxes_field="gt")).timelines
    assert timeline.boxes == {}


def test_what_is_unusual_about_a_model_or_sentence_is_told(dataset, request_for, fake_encoder):
    fake_encoder.notice = "Knows colours only."
    notes = preview(dataset, request_for(" ".join(["red"] * 20))).notes
    assert notes[0] == "Knows colours only."
    assert len(notes) > 1, "the sentence is longer than the encoder can read"


def test_what_cannot_be_previewed_is_told(dataset, request_for):
    with pytest.raises(GroundingError, match="no sentence in its fields"):
        preview(dataset.skip(1), request_for(query_field="captions"))
    with pytest.raises(GroundingError, match="There is no video to preview"):
        preview(dataset.limit(0), request_for(RED))
    with pytest.raises(GroundingError, match=r"'frames\.nope' does not exist"):
        preview(dataset, request_for(RED, boxes_field="nope"))
    with pytest.raises(GroundingError, match="The query is empty"):
        preview(dataset, request_for(" "))


def test_a_dataset_without_videos_is_refused(request_for):
    empty = fo.Dataset()
    with pytest.raises(GroundingError, match="holds nothing"):
        preview(empty, request_for(RED))
    empty.delete()
