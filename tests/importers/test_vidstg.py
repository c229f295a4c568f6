"""Pins the import of VidSTG: segments, kinds of sentences, trajectories, and possible problems."""

import json
from pathlib import Path

import fiftyone as fo
import pytest

from fiftyone_e3m import GroundingError
from fiftyone_e3m.importers import VidSTGImporter
from fiftyone_e3m.video import Video

DOG, WHO = "a dog runs", "who runs?"


def test_captions_and_questions_of_a_segment_share_a_sample(
    vidstg, load, record, trajectories, supports, box_of
):
    one = record(event=(10, 20), captions=[(DOG, 0)])
    other = record(event=(5, 8), questions=[(WHO, 1)])
    importer = vidstg([one, other], walk=trajectories(t0=range(40), t1=range(40)))
    (sample,) = load(importer)
    assert sample.filepath.endswith("walk.mp4"), "the segment is the whole video"
    assert sample.sentences == [DOG, WHO]
    assert sample.sentence_kinds == ["declarative", "interrogative"]
    assert supports(sample) == {DOG: [11, 20], WHO: [6, 8]}
    assert box_of(sample, 11) == [26, 16, 48, 48]
    assert sample.frames[7]["gt"].detections[0].index == 2
    assert importer.report.problems == []
    assert (importer.report.sentences, importer.report.samples) == (2, 1)


def test_a_segment_is_a_file_of_its_own_with_its_own_frame_numbers(
    vidstg, load, record, trajectories, supports, box_of, fake_detector
):
    records = [record(segment=(8, 30), event=(10, 20), captions=[(DOG, 0)])]
    (sample,) = load(vidstg(records, walk=trajectories(t0=range(40))))
    assert sample.filepath.endswith("segments/walk_8_30.avi")
    assert sample.used_segment == [9, 30]
    assert sample.source_filepath.endswith("part_1/walk.mp4")
    assert sample.metadata.total_frame_count == 22
    assert supports(sample) == {DOG: [3, 12]}
    assert box_of(sample, 3) == [26, 16, 48, 48]
    video = Video.open(sample.filepath)
    assert (video.frame_count, video.frame_rate) == (22, 2)
    boxes = fake_detector.detect([frame for _, frame in video.read(range(22))])
    assert [round(found.xyxy[0, 0].item()) for found in boxes] == pytest.approx(
        range(16 + 8, 16 + 30), abs=1
    )


def test_a_cut_segment_is_used_again(vidstg, load, record, trajectories):
    records = [record(segment=(8, 30), event=(10, 20), captions=[(DOG, 0)])]
    importer = vidstg(records, walk=trajectories(t0=range(40)))
    (sample,) = load(importer)
    before = Path(sample.filepath).stat().st_mtime_ns
    load(importer)
    assert Path(sample.filepath).stat().st_mtime_ns == before


def test_a_repeated_sentence_gets_a_sample_of_its_own(
    vidstg, load, record, trajectories, supports, kinds
):
    records = [
        record(event=(10, 20), questions=[(WHO, 0), (DOG, 0)]),
        record(event=(30, 35), questions=[(f" {WHO} ", 1)]),
    ]
    importer = vidstg(records, walk=trajectories(t0=range(40), t1=range(40)))
    samples = load(importer)
    assert [supports(sample) for sample in samples] == [
        {WHO: [11, 20], DOG: [11, 20]},
        {WHO: [31, 35]},
    ]
    assert kinds(importer) == ["repeated_sentence"]
    assert importer.report.left_out == 0


def test_an_event_that_reaches_beyond_its_segment_is_cut(
    vidstg, load, record, trajectories, supports, kinds
):
    records = [record(segment=(0, 30), event=(10, 31), captions=[(DOG, 0)])]
    importer = vidstg(records, walk=trajectories(t0=range(40)))
    (sample,) = load(importer)
    assert supports(sample) == {DOG: [11, 30]}
    assert kinds(importer) == ["event_cut"]


def test_a_segment_that_ends_in_the_last_frame_has_it(
    vidstg, load, record, trajectories, supports, kinds
):
    records = [record(segment=(0, 39), event=(10, 40), captions=[(DOG, 0)])]
    importer = vidstg(records, walk=trajectories(t0=range(40)))
    (sample,) = load(importer)
    assert sample.filepath.endswith("walk.mp4"), "the whole video is not copied"
    assert supports(sample) == {DOG: [11, 40]}
    assert kinds(importer) == []


def test_missing_boxes_are_interpolated_between_and_missing_at_the_ends(
    vidstg, load, record, trajectories, box_of, kinds
):
    records = [record(event=(10, 20), captions=[(DOG, 0)])]
    importer = vidstg(records, walk=trajectories(t0=[12, 16]))
    (sample,) = load(importer)
    assert sorted(sample.frames) == [13, 14, 15, 16, 17]
    assert box_of(sample, 14) == [29, 16, 48, 48]
    assert kinds(importer) == ["boxes_interpolated", "boxes_missing"]


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        ({"captions": [(DOG, 7)]}, "no_target", "no boxes of object 7"),
        ({"captions": [(DOG, 1)]}, "no_boxes", "10 of 10 frames"),
        ({"captions": [("", 0)]}, "no_sentence", "captions"),
        ({"captions": [(DOG, 0)], "vid": "run"}, "missing_trajectories", "no run.json"),
        (
            {"captions": [(DOG, 0)], "vid": "small"},
            "missing_trajectories",
            "the key 'bbox' is missing",
        ),
        ({"captions": [(DOG, 0)], "vid": "nowhere"}, "missing_video", "not in"),
        ({"captions": [(DOG, 0)], "event": (20, 10)}, "bad_record", "from frame 20 to frame 10"),
        ({"captions": [(DOG, 0)], "segment": (25, 40)}, "no_event", "frames 11 to 20"),
        ({"captions": [(DOG, 0)], "fps": 0}, "bad_record", "0 fps"),
        ({"captions": [(DOG, 0)], "segment": (60, 90), "event": (60, 70)}, "no_event", "61 of 40"),
    ],
)
def test_what_cannot_be_imported_is_left_out_and_listed(
    vidstg, load, record, trajectories, kinds, values, kind, message
):
    good = record(event=(5, 8), captions=[("a good one", 0)])
    broken = [[{"tid": 0}]]
    importer = vidstg(
        [record(**values), good], walk=trajectories(t0=range(40), t1=[2]), small=broken
    )
    samples = load(importer)
    assert [sentence for sample in samples for sentence in sample.sentences] == ["a good one"]
    assert [k for k in kinds(importer) if k != "size_differs"] == [kind]
    assert message in str(importer.report)
    assert importer.report.left_out == 1


def test_videos_that_decode_black_are_imported_and_counted(
    vidstg, load, record, trajectories, kinds
):
    boxes = trajectories(t0=range(40))
    records = [
        record(vid="black", segment=(0, 40), captions=[(DOG, 0)]),
        record(vid="black", segment=(8, 30), captions=[("it sits", 0)], questions=[(WHO, 0)]),
        record(vid="night", segment=(0, 40), captions=[(DOG, 0)]),
        record(vid="night", segment=(0, 20), captions=[(DOG, 0)]),
        record(vid="walk", captions=[(DOG, 0)]),
    ]
    importer = vidstg(records, black=boxes, night=boxes, walk=boxes)
    assert len(load(importer)) == 5
    assert kinds(importer) == ["black_video"] * 3
    assert importer.report.counts == {"black_video": 4}, "sentences, of which one video has two"
    assert importer.report.left_out == 0
    videos = [(problem.video, problem.message) for problem in importer.report.problems]
    seen = "no pixel is brighter than 16 of 255 in frames"
    assert videos == [
        ("black", f"{seen} 1, 11, 21, 30, 40 of black.mp4"),
        ("black", f"{seen} 1, 6, 11, 17, 22 of black_8_30.avi"),
        ("night", f"{seen} 1, 6, 11, 15, 20 of night_0_20.avi"),
    ]


def test_a_record_without_its_keys_is_listed_by_its_number(vidstg, load, kinds):
    importer = vidstg([{"vid": "walk"}])
    assert load(importer) == []
    assert str(importer.report.problems[0]) == "record 1: the key 'temporal_gt' is missing"


def test_shards_split_the_segments(vidstg, load, record, trajectories):
    spans = [(0, 10), (10, 20), (20, 30)]
    records = [record(segment=s, event=s, captions=[(DOG, 0)]) for s in spans]
    boxes = trajectories(t0=range(40))
    shards = [load(vidstg(records, walk=boxes, options={"shard": (k, 2)})) for k in (1, 2)]
    found = [[sample.used_segment for sample in shard] for shard in shards]
    assert found == [[[1, 10], [21, 30]], [[11, 20]]]


def test_a_wrong_file_or_folder_is_refused(tmp_path, videos):
    path = tmp_path / "annotations.json"
    path.write_text("{}")
    with pytest.raises(GroundingError, match="is not a VidSTG file"):
        VidSTGImporter(path, videos, videos, tmp_path)
    path.write_text("[]")
    with pytest.raises(GroundingError, match="There is no folder"):
        VidSTGImporter(path, videos, tmp_path / "nowhere", tmp_path)


@pytest.mark.shared
def test_published_records_have_the_documented_frames(shared_data, tmp_path, draw_video):
    folder = shared_data / "clips" / "annotation_samples"
    records = json.loads((folder / "vidstg_sample.json").read_text())["val"][:2]
    (tmp_path / "annotations.json").write_text(json.dumps(records))
    (tmp_path / "vidor").mkdir()
    for record in records:
        n, size = record["frame_count"], (record["width"], record["height"])
        draw_video(tmp_path / f"{record['vid']}.mp4", [{}] * n, record["fps"], size=size)
        box = {"xmin": 10, "ymin": 20, "xmax": 110, "ymax": 220}
        found = [[{"tid": tid, "bbox": box} for tid in range(4)]] * n
        path = tmp_path / "vidor" / f"{record['vid']}.json"
        path.write_text(json.dumps({"trajectories": found}))
    importer = VidSTGImporter(
        tmp_path / "annotations.json", tmp_path, tmp_path / "vidor", tmp_path / "segments"
    )
    dataset = fo.Dataset.from_importer(importer, progress=False)
    try:
        names = ["10712559773_496_596.avi", "3783730077.mp4"]
        assert [sample.filename for sample in dataset] == names
        assert dataset.values("used_segment") == [[497, 596], [1, 964]]
        spans = dataset.values("gt_events.detections.support")
        assert [video[0] for video in spans] == [[15, 60], [1, 964]]
        assert [len(kinds) for kinds in dataset.values("sentence_kinds")] == [2, 3]
        assert importer.report.counts == {}
    finally:
        dataset.delete()
