"""Pins the import of HC-STVG: frame numbers, both versions, and possible problems."""

import json

import fiftyone as fo
import pytest

from fiftyone_e3m import GroundingError
from fiftyone_e3m.importers import HCSTVGImporter, ImportReport

SENTENCE = "The red box waits."


def test_a_record_becomes_a_sample(hcstvg, load, box_of, supports):
    importer = hcstvg({"walk.mp4": {}})
    (sample,) = load(importer)
    assert sample.filepath.endswith("part_1/walk.mp4")
    assert sample.sentences == [SENTENCE]
    assert supports(sample) == {SENTENCE: [11, 20]}
    assert sorted(sample.frames) == list(range(11, 21))
    assert box_of(sample, 11) == [16, 16, 48, 48]
    detection = sample.frames[15]["gt"].detections[0]
    assert (detection.label, detection.index) == (SENTENCE, 1)
    assert detection.instance.id == sample.frames[16]["gt"].detections[0].instance.id
    assert (sample.metadata.total_frame_count, sample.metadata.frame_rate) == (40, 2)
    assert importer.report == ImportReport(sentences=1, samples=1)
    assert (importer.version, importer.benchmark) == (1, "hcstvg-v1")


def test_version_2_has_its_own_keys(hcstvg, load, supports):
    values = {"English": "A box.", "Chinese": "-", "img_size": [120, 160]}
    importer = hcstvg({"walk.mp4": {**values, "caption": ..., "width": ..., "height": ...}})
    (sample,) = load(importer)
    assert supports(sample) == {"A box.": [11, 20]}
    assert (importer.version, importer.benchmark) == (2, "hcstvg-v2")
    assert importer.report.problems == []


def test_a_size_with_channels_is_read(hcstvg, load, box_of):
    values = {"English": "A box.", "img_size": [120, 160, 3]}
    importer = hcstvg({"walk.mp4": {**values, "caption": ..., "width": ..., "height": ...}})
    (sample,) = load(importer)
    assert box_of(sample, 11) == [16, 16, 48, 48]
    assert importer.report.problems == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"Chinese": "红色的盒子。", "caption": "A box waits."}, "A box waits."),
        ({"Chinese": "红色的盒子。", "caption": ...}, "红色的盒子。"),
        ({"English": " ", "caption": "A box waits."}, "A box waits."),
        ({"English": None, "caption": "A box waits."}, "A box waits."),
    ],
)
def test_a_record_of_version_2_without_english_keeps_the_sentence_it_has(
    hcstvg, load, kinds, values, sentence
):
    importer = hcstvg({"walk.mp4": {"img_size": [120, 160], **values}})
    (sample,) = load(importer)
    assert sample.sentences == [sentence]
    assert importer.version == 2
    assert kinds(importer) == ["not_english"]
    (problem,) = importer.report.problems
    key = "caption" if "waits" in sentence else "Chinese"
    assert problem.message == f"'{sentence}' is from the key '{key}'"


def test_version_1_has_no_english_and_that_is_no_problem(hcstvg, load):
    importer = hcstvg({"walk.mp4": {}, "run.mp4": {}})
    load(importer)
    assert (importer.version, importer.report.problems) == (1, [])


def test_boxes_of_negative_size_are_dropped_as_in_version_2(hcstvg, load, kinds):
    good, bad = [16, 16, 48, 48], [[-40, 0, -27, -47], [100, 50, -27, -47]]
    importer = hcstvg({"walk.mp4": {"bbox": [good] * 4 + bad + [good] * 4}})
    (sample,) = load(importer)
    assert sorted(sample.frames) == list(range(11, 21)), "interpolated between the others"
    assert kinds(importer) == ["boxes_dropped", "boxes_interpolated"]
    assert "2, first in frame 15" in str(importer.report)


def test_times_that_differ_are_summed_up_in_one_line(hcstvg, load, kinds):
    ends = {"run.mp4": 10.0, "short.mp4": 11.0, "small.mp4": 8.0, "walk.mp4": 20.0}
    importer = hcstvg({name: {"ed_time": end} for name, end in ends.items()})
    load(importer)
    assert kinds(importer).count("span_differs") == 1
    assert importer.report.counts["span_differs"] == 3, "the first one has ten frames and ten boxes"
    found = next(p for p in importer.report.problems if p.kind == "span_differs")
    assert str(found) == (
        "3 of 4 events: the times differ from the boxes by a median of 4 frames, "
        "at most 20: 30 frames and 10 boxes in walk"
    )


def test_samples_come_in_order_of_names_and_the_first_can_be_asked_for(hcstvg, load):
    names = ["walk.mp4", "run.mp4", "short.mp4"]
    records = {name: {} for name in names}
    found = [sample.filename for sample in load(hcstvg(records, max_samples=2))]
    assert found == ["run.mp4", "short.mp4"]


def test_shards_together_are_the_whole(hcstvg, load):
    names = ["run.mp4", "short.mp4", "small.mp4", "walk.mp4"]
    records = {name: {} for name in names}
    shards = [load(hcstvg(records, shard=(k, 3))) for k in (1, 2, 3)]
    found = [[sample.filename for sample in shard] for shard in shards]
    assert found == [["run.mp4", "walk.mp4"], ["short.mp4"], ["small.mp4"]]


@pytest.mark.parametrize(
    ("name", "values", "kind", "message"),
    [
        ("walk.mp4", {"bbox": ...}, "bad_record", "the key 'bbox' is missing"),
        ("walk.mp4", {"st_frame": "11"}, "bad_record", "unsupported operand"),
        ("walk.mp4", {"img_num": 0}, "bad_record", "160x120, 0 frames"),
        ("walk.mp4", None, "bad_record", "NoneType"),
        ("walk.mp4", {"caption": "  "}, "no_sentence", "empty"),
        ("walk.mp4", {"bbox": []}, "no_boxes", "empty"),
        ("walk.mp4", {"bbox": [[0, 0, 0, 0]] * 10}, "no_boxes", "10, first in frame 11"),
        ("walk.mp4", {"st_frame": 41}, "no_event", "frames 41 to 50, of 40"),
        ("nowhere.mp4", {}, "missing_video", "not in"),
        ("text.mp4", {}, "unreadable_video", "not a video that can be opened"),
    ],
)
def test_what_cannot_be_imported_is_left_out_and_listed(
    hcstvg, load, name, values, kind, message, kinds
):
    importer = hcstvg({name: values, "run.mp4": {}})
    assert [sample.filename for sample in load(importer)] == ["run.mp4"]
    assert kinds(importer) == [kind]
    assert message in importer.report.problems[0].message
    assert (importer.report.sentences, importer.report.left_out) == (1, 1)
    assert "Imported: 1 of 2 sentences, samples: 1." in str(importer.report)
    assert "left out, " in str(importer.report)


@pytest.mark.parametrize(
    ("name", "values", "kind", "message"),
    [
        ("walk.mp4", {"ed_time": 11.0}, "span_differs", "12 frames and 10 boxes in walk"),
        ("walk.mp4", {"st_frame": -1}, "event_cut", "frames -1 to 8 of 40"),
        ("walk.mp4", {"st_frame": 38}, "event_cut", "frames 38 to 47 of 40"),
        (
            "walk.mp4",
            {"bbox": [[150, 16, 48, 48]] * 10},
            "boxes_cut",
            "10, first in frame 11: [150.0, 16.0, 198.0, 64.0] in (160, 120)",
        ),
        (
            "walk.mp4",
            {"bbox": [[16, 16, 48, 48], None] * 4 + [[16, 16, 48, 48]], "ed_time": 9.5},
            "boxes_dropped",
            "4, first in frame 12",
        ),
        ("small.mp4", {}, "size_differs", "(80, 60) instead of (160, 120)"),
        ("halfrate.mp4", {}, "rate_differs", "1.000 instead of 2.000"),
        ("short.mp4", {}, "length_differs", "30 instead of 40 frames"),
    ],
)
def test_what_differs_is_imported_and_listed(hcstvg, load, name, values, kind, message, kinds):
    importer = hcstvg({name: values})
    assert len(load(importer)) == 1
    assert kind in kinds(importer)
    found = next(p for p in importer.report.problems if p.kind == kind)
    assert message in str(found)
    assert (importer.report.sentences, importer.report.left_out) == (1, 0)
    assert message in str(importer.report)


def test_a_cut_event_keeps_the_boxes_of_its_own_frames(hcstvg, load, box_of, supports):
    boxes = [[10 * i, 16, 20, 20] for i in range(10)]
    (sample,) = load(hcstvg({"walk.mp4": {"st_frame": -1, "bbox": boxes}}))
    assert supports(sample) == {SENTENCE: [1, 8]}
    assert box_of(sample, 1) == [20, 16, 20, 20]


def test_frame_numbers_follow_the_rate_of_the_file(hcstvg, load, box_of, supports):
    boxes = [[10 * i, 16, 20, 20] for i in range(10)]
    (sample,) = load(hcstvg({"halfrate.mp4": {"bbox": boxes}}))
    assert supports(sample) == {SENTENCE: [6, 10]}
    assert box_of(sample, 7) == [20, 16, 20, 20]


def test_boxes_scale_with_the_size_of_the_file(hcstvg, load, box_of):
    (sample,) = load(hcstvg({"small.mp4": {}}))
    assert box_of(sample, 11) == [16, 16, 48, 48], "relative to the frame, whatever its size"


def test_the_report_survives_json(hcstvg, load):
    importer = hcstvg({"walk.mp4": {"bbox": ...}, "run.mp4": {"st_frame": 38}})
    load(importer)
    values = json.loads(importer.report.to_json())
    assert values["counts"] == {"event_cut": 1, "bad_record": 1}
    assert values["left_out"] == 1
    assert ImportReport.from_dict(values) == importer.report


def test_long_lists_of_problems_are_printed_in_part(hcstvg, load):
    importer = hcstvg({f"nowhere_{i}.mp4": {} for i in range(5)} | {"run.mp4": {}})
    load(importer)
    assert "left out, sentences whose video is missing: 5" in str(importer.report)
    assert "and 2 more" in str(importer.report)


@pytest.mark.parametrize(
    ("content", "message"),
    [("[]", "is not an HC-STVG file"), ("{", "is not valid JSON"), (None, "cannot be read")],
)
def test_a_wrong_file_is_refused(tmp_path, videos, content, message):
    path = tmp_path / "annotations.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(GroundingError, match=message):
        HCSTVGImporter(path, videos)


def test_a_wrong_folder_or_shard_is_refused(tmp_path, videos):
    path = tmp_path / "annotations.json"
    path.write_text("{}")
    with pytest.raises(GroundingError, match="There is no folder"):
        HCSTVGImporter(path, tmp_path / "nowhere")
    with pytest.raises(GroundingError, match="There is no shard 3 of 2"):
        HCSTVGImporter(path, videos, shard=(3, 2))


@pytest.mark.shared
def test_published_records_have_the_documented_frames(shared_data, tmp_path, draw_video):
    annotations = shared_data / "clips" / "annotation_samples" / "hcstvg_v1_test_sample.json"
    for name, n, fps in (("55_vfjywN5CN0Y", 480, 24.0), ("65_xp67EC-Hvwk", 600, 30.0)):
        draw_video(tmp_path / f"{name}.mp4", [{}] * n, fps, size=(480, 360))
    importer = HCSTVGImporter(annotations, tmp_path)
    dataset = fo.Dataset.from_importer(importer, progress=False)
    try:
        assert dataset.values("gt_events.detections.support") == [[[157, 278]], [[308, 400]]]
        first = dataset.first().frames[157]["gt"].detections[0].bounding_box
        assert first == pytest.approx([194 / 480, 0, 240 / 480, 359 / 360])
        assert importer.report.counts == {"span_differs": 2}
        assert "at most 9: 131 frames and 122 boxes in 55_vfjywN5CN0Y" in str(importer.report)
    finally:
        dataset.delete()
