"""Pins that FiftyOne, motmetrics and pycocotools can read the files.

Also pins that CVAT files mark the end of a tube, and that no file is silently replaced or mixed up.
"""

import configparser
import contextlib
import io
import json
from xml.etree import ElementTree as ET

import fiftyone as fo
import motmetrics
import numpy as np
import pytest
from pycocotools.coco import COCO

from fiftyone_e3m import GroundingError, prepare_for_annotation
from fiftyone_e3m.handover.formats import FORMATS

SIZE = np.array([160, 120, 160, 120])
TURNING, STILL = "it turns", 'it says "<&"'
FILES = {
    "cvat": {"labels/clip.xml", "cvat_labels.json", "data.json"},
    "label_studio": {"label_studio.json", "label_studio_config.xml"},
    "coco": {"labels.json"},
    "mot": {"clip/gt/gt.txt", "clip/gt/labels.txt", "clip/gt/trackeval.txt", "clip/seqinfo.ini"},
}


def prepare(dataset, out, name, **options):
    return prepare_for_annotation(dataset, "gt", format=name, out=out, **options)


def read_cvat(out):
    return fo.Dataset.from_dir(str(out), fo.types.CVATVideoDataset, data_path="data.json")


def boxes_of(dataset, field, keyframes_only=False, within=0.01):
    """Boxes of the first video within some pixels, by sentence and frame number."""
    found = {}
    for number, frame in dataset.first().frames.items():
        for detection in frame[field].detections if frame[field] else []:
            if detection.get_attribute_value("keyframe", False) or not keyframes_only:
                box = (np.array(detection.bounding_box) * SIZE).tolist()
                found[detection.label, number] = pytest.approx(box, abs=within)
    return found


@pytest.fixture
def tracks(dataset, tmp_path):
    """The tracks in the CVAT file of the first video, by label."""
    prepare(dataset, tmp_path, "cvat")
    root = ET.parse(tmp_path / "labels" / "clip.xml").getroot()
    return {track.get("label"): track for track in root.iter("track")}


# CVAT


def test_cvat_gets_the_keyframes_and_the_end_of_every_segment(tracks):
    def boxes(label):
        return [(int(b.get("frame")), b.get("outside")) for b in tracks[label].iter("box")]

    # CVAT counts frames from 0; the turning box is present until the last frame of the video
    assert boxes(TURNING) == [(0, "0"), (9, "0"), (19, "0")]
    assert boxes(STILL) == [(2, "0"), (5, "0"), (6, "1"), (9, "0"), (11, "0"), (12, "1")]


def test_cvat_gets_what_its_importer_insists_on(tracks):
    needed = {"frame", "outside", "occluded", "keyframe", "xtl", "ytl", "xbr", "ybr"}
    for track in tracks.values():
        for box in track.iter("box"):
            assert needed <= set(box.attrib)
            assert box.get("keyframe") == "1"
    first = next(tracks[STILL].iter("box"))
    assert [float(first.get(name)) for name in ("xtl", "ytl", "xbr", "ybr")] == [80, 60, 112, 84]


def test_fiftyone_reads_the_cvat_files(dataset, tmp_path):
    prepare(dataset, tmp_path, "cvat")
    dataset.reload()
    read = read_cvat(tmp_path)
    assert len(read) == 1
    assert read.first().filepath == dataset.first().filepath
    found = {
        (detection.label, number): (np.array(detection.bounding_box) * SIZE).tolist()
        for number, frame in read.first().frames.items()
        for detection in (frame.detections.detections if frame.detections else [])
    }  # FiftyOne rounds to whole pixels
    assert found == boxes_of(dataset, "gt", keyframes_only=True, within=1.01)
    read.delete()


def test_the_labels_of_a_cvat_task_are_ready_to_paste(dataset, tmp_path):
    sample = dataset.first()
    for frame in sample.frames.values():
        frame.gt.detections[0].label = "a man " + "who walks " * 9
    sample.save()
    report = prepare(dataset, tmp_path, "cvat")
    labels = json.loads((tmp_path / "cvat_labels.json").read_text())
    names = {label["name"] for label in labels}
    assert names == {STILL, "a man " + "who walks " * 5 + "who"}, "at most 64 characters"
    root = ET.parse(tmp_path / "labels" / "clip.xml").getroot()
    assert {track.get("label") for track in root.iter("track")} == names
    (problem,) = report.problems
    assert "is called 'a man who walks" in problem


# MOT


def test_motmetrics_reads_the_mot_files(dataset, tmp_path):
    prepare(dataset, tmp_path, "mot")
    read = motmetrics.io.loadtxt(tmp_path / "clip" / "gt" / "gt.txt", fmt="mot16")
    names = (tmp_path / "clip" / "gt" / "labels.txt").read_text().splitlines()
    found = {
        (names[int(row.ClassId) - 1], frame): [row.X, row.Y, row.Width, row.Height]
        for (frame, _), row in read.iterrows()  # motmetrics subtracts the 1
    }
    assert found == boxes_of(dataset, "gt")
    assert (read.Confidence == 1).all()
    assert sorted(read.index.get_level_values("Id").unique()) == [1, 2]


def test_trackeval_gets_the_same_boxes_as_one_class(dataset, tmp_path):
    # TrackEval refuses predictions of a class above 1, and removes ground truth of other classes
    prepare(dataset, tmp_path, "mot")
    folder = tmp_path / "clip" / "gt"
    rows, one_class = (
        [line.split(",") for line in (folder / name).read_text().splitlines()]
        for name in ("gt.txt", "trackeval.txt")
    )
    assert {row[7] for row in rows} == {"1", "2"}
    assert {row[7] for row in one_class} == {"1"}
    assert [row[:7] + row[8:] for row in one_class] == [row[:7] + row[8:] for row in rows]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\u2028"])
def test_a_line_break_in_a_sentence_does_not_move_the_other_labels(dataset, tmp_path, line_break):
    sample = dataset.first()
    for frame in sample.frames.values():
        for detection in frame.gt.detections:
            if detection.label == STILL:
                detection.label = f"a man{line_break}who waits"
    sample.save()
    prepare(dataset, tmp_path, "mot")
    folder = tmp_path / "clip" / "gt"
    names = (folder / "labels.txt").read_text(encoding="utf-8").splitlines()
    assert names == ["a man who waits", TURNING]
    read = motmetrics.io.loadtxt(folder / "gt.txt", fmt="mot16")
    by_frame = read.groupby("ClassId").size()
    assert {names[int(k) - 1]: n for k, n in by_frame.items()} == {
        "a man who waits": 7,
        TURNING: 20,
    }


def test_the_mot_sequence_is_described(dataset, tmp_path):
    prepare(dataset, tmp_path, "mot")
    info = configparser.ConfigParser()
    info.read(tmp_path / "clip" / "seqinfo.ini")
    assert dict(info["Sequence"]) == {
        "name": "clip",
        "imdir": "img1",
        "framerate": "10",
        "seqlength": "20",
        "imwidth": "160",
        "imheight": "120",
        "imext": ".jpg",
    }


# COCO


def test_pycocotools_reads_the_coco_file(dataset, tmp_path):
    prepare(dataset, tmp_path, "coco")
    dataset.reload()
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "labels.json"))
    assert len(coco.imgs) == 20
    found, marked = {}, set()
    for annotation in coco.anns.values():
        image = coco.imgs[annotation["image_id"]]
        assert (image["width"], image["height"]) == (160, 120)
        number = int(image["file_name"].removeprefix("clip/frame_").removesuffix(".jpg"))
        place = coco.cats[annotation["category_id"]]["name"], number
        found[place] = annotation["bbox"]
        if annotation["attributes"]["keyframe"]:
            marked.add(place)
    assert found == boxes_of(dataset, "gt")
    assert marked == set(boxes_of(dataset, "gt", keyframes_only=True))
    assert len({a["track_id"] for a in coco.anns.values()}) == 2


# Files


@pytest.mark.parametrize("name", FORMATS)
def test_the_report_names_the_files_that_were_written(dataset, tmp_path, name):
    report = prepare(dataset, tmp_path, name)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == FILES[name]
    assert {str(path.relative_to(tmp_path)) for path in report.files} == written
    assert f"in {tmp_path}" in report.headline


@pytest.mark.parametrize("name", FORMATS)
def test_no_file_is_replaced_unless_asked(dataset, tmp_path, name):
    for path in FILES[name]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("mine")
    with pytest.raises(GroundingError, match=r"already has .*overwrite=True"):
        prepare(dataset, tmp_path, name)
    assert {(tmp_path / path).read_text() for path in FILES[name]} == {"mine"}
    assert not dataset.has_field("frames.gt.detections.keyframe"), "nothing was marked either"
    prepare(dataset, tmp_path, name, overwrite=True)
    assert "mine" not in {(tmp_path / path).read_text() for path in FILES[name]}


def test_a_file_that_cannot_be_written_is_told(dataset, tmp_path):
    (tmp_path / "labels").write_text("no folder")
    report = prepare(dataset, tmp_path, "cvat")
    assert {path.name for path in report.files} == {"cvat_labels.json", "data.json"}
    (problem,) = report.problems
    assert "clip.xml could not be written" in problem


@pytest.mark.parametrize("name", ["cvat", "mot"])
def test_videos_of_the_same_name_have_files_of_their_own(clip, tube_sample, tmp_path, name):
    (tmp_path / "a").mkdir()
    twin = (tmp_path / "a" / "clip.avi").resolve()
    twin.write_bytes(clip.read_bytes())
    boxes = {frame: [0, 0, 0.5, 0.5] for frame in (1, 2, 3)}
    dataset = fo.Dataset()
    dataset.add_samples([tube_sample(path, {str(path): boxes}) for path in (clip, twin)])
    (tmp_path / "out").mkdir()
    report = prepare(dataset, tmp_path / "out", name)
    names = {"cvat": "labels/{}.xml", "mot": "{}/gt/gt.txt"}
    own = [tmp_path / "out" / names[name].format(stem) for stem in ("clip", "clip-2")]
    assert set(own) <= set(report.files)
    assert own[0].read_text() != own[1].read_text() or name == "mot", "the labels differ"
    dataset.delete()


# Real tubes


@pytest.mark.shared
def test_true_tubes_of_a_joined_video_come_back_from_the_files(shared_data, tube_sample, tmp_path):
    folder = shared_data / "joined" / "swan-breakdance-camel"
    truth = json.loads((folder / "queries.json").read_text())
    size = np.array([truth["width"], truth["height"]] * 2)
    tubes = {
        query["sentence"]: {
            int(frame) + 1: (np.array(box) / size).tolist() for frame, box in query["boxes"].items()
        }
        for query in truth["queries"]
    }
    dataset = fo.Dataset()
    dataset.add_sample(tube_sample(folder / "video.mp4", tubes))
    report = prepare(dataset, tmp_path, "cvat")
    shares = {tube.sentence: tube.share for tube in report.tubes}
    assert shares["a black feathered swan"] <= 0.1
    assert shares["a camel moving"] <= 0.1
    assert min(tube.smallest_iou for tube in report.tubes) >= 0.9 - 1e-8
    read = read_cvat(tmp_path)
    assert read.count("frames.detections.detections") == sum(t.n_keyframes for t in report.tubes)
    report = prepare(dataset, tmp_path, "mot", overwrite=True)
    rows = motmetrics.io.loadtxt(tmp_path / "video" / "gt" / "gt.txt", fmt="mot16")
    boxes = [box for tube in tubes.values() for _, box in sorted(tube.items())]
    found = rows.sort_index(level=["Id", "FrameId"])[["X", "Y", "Width", "Height"]].to_numpy()
    np.testing.assert_allclose(found, np.array(boxes) * size, atol=0.01)
    dataset.delete()
    read.delete()
