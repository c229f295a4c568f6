"""Pins that files stay in their folder, and that no sentence makes one invalid or ambiguous."""

import gc
import json
from xml.etree import ElementTree as ET

import cv2
import fiftyone as fo
import numpy as np
import pytest

from fiftyone_e3m import prepare_for_annotation

BOX = {number: [0.1, 0.1, 0.3, 0.3] for number in (1, 2, 5)}
LONG = "a man in a dark suit with a red tie who walks along a wide street and"


@pytest.fixture
def of(tube_sample):
    """`of({path: [sentence, ...]})`: a dataset of these videos with still boxes in `frames.gt`."""
    made = []

    def dataset(videos):
        made.append(fo.Dataset())
        samples = [tube_sample(p, dict.fromkeys(texts, BOX)) for p, texts in videos.items()]
        for sample in samples:
            sample.metadata = fo.VideoMetadata(
                frame_width=160, frame_height=120, frame_rate=10.0, total_frame_count=20
            )
        made[-1].add_samples(samples, progress=False)
        return made[-1]

    yield dataset
    gc.collect()  # FiftyOne cannot reset a sample in memory whose name does not end like a video
    for dataset in made:
        dataset.delete()


def prepare(dataset, out, name, **options):
    return prepare_for_annotation(dataset, "gt", format=name, out=out, **options)


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


NAMES = ["...mp4", "..\\..\\evil.mp4", "a\nb.mp4", "x" * 250 + ".mp4", "con.mp4", "\x1b[31m.mp4"]


def problems(report):
    """All but that the videos, which do not exist, could not be looked at."""
    return [problem for problem in report.problems if "believed unseen" not in problem]


@pytest.mark.parametrize("file_format", ["cvat", "coco", "mot"])
def test_no_name_of_a_video_leads_out_of_the_folder(of, tmp_path, file_format):
    out = tmp_path / "a" / "out"
    out.mkdir(parents=True)
    report = prepare(of({f"/videos/{name}": ["a dog"] for name in NAMES}), out, file_format)
    assert problems(report) == []
    assert everything(tmp_path) == [f"a/out/{path}" for path in everything(out)]
    assert {path.relative_to(out) for path in report.files} == {
        path.relative_to(out) for path in out.rglob("*") if path.is_file()
    }
    per_video = {"cvat": 1, "coco": 0, "mot": 4}[file_format]
    shared = {"cvat": 2, "coco": 1, "mot": 0}[file_format]
    assert len(everything(out)) == per_video * len(NAMES) + shared
    assert all(str(path).isprintable() for path in report.files)


def test_videos_that_differ_in_case_only_get_files_of_their_own(of, tmp_path):
    prepare(of({"/a/Clip.mp4": ["a dog"], "/b/clip.mp4": ["a dog"]}), tmp_path, "cvat")
    assert {path.name for path in (tmp_path / "labels").iterdir()} == {"Clip.xml", "clip-2.xml"}


def test_a_dangling_link_counts_as_a_file_that_is_there(of, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere.json"
    out.mkdir()
    (out / "labels.json").symlink_to(elsewhere)
    dataset = of({"/a/clip.mp4": ["a dog"]})
    with pytest.raises(ValueError, match=r"already has labels\.json"):
        prepare(dataset, out, "coco")
    report = prepare(dataset, out, "coco", overwrite=True)
    assert problems(report) == []
    assert not elsewhere.exists()
    assert not (out / "labels.json").is_symlink()


def test_a_link_is_replaced_and_what_it_points_to_stays(of, tmp_path):
    out, mine = tmp_path / "out", tmp_path / "mine.json"
    out.mkdir()
    mine.write_text("mine")
    (out / "labels.json").symlink_to(mine)
    prepare(of({"/a/clip.mp4": ["a dog"]}), out, "coco", overwrite=True)
    assert mine.read_text() == "mine"
    assert json.loads((out / "labels.json").read_text())["annotations"]


def test_a_linked_folder_is_not_followed_and_said(of, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "labels").symlink_to(elsewhere)
    (out / "labels" / "kept.txt").write_text("mine")
    report = prepare(of({"/a/clip.mp4": ["a dog"]}), out, "cvat")
    assert everything(elsewhere) == ["kept.txt"]
    (problem,) = problems(report)
    assert "leads out of" in problem
    assert {path.name for path in report.files} == {"cvat_labels.json", "data.json"}


def test_two_sentences_that_share_64_characters_keep_apart_in_cvat(of, tmp_path):
    sentences = [f"{LONG} sits", f"{LONG} stands", f"{LONG[:63]} x"]
    report = prepare(of({"/a/clip.mp4": sentences}), tmp_path, "cvat")
    root = ET.parse(tmp_path / "labels" / "clip.xml").getroot()
    labels = [track.get("label") for track in root.iter("track")]
    assert len(set(labels)) == 3
    assert all(len(label) <= 64 and label == label.strip() for label in labels)
    raw = json.loads((tmp_path / "cvat_labels.json").read_text())
    assert {label["name"] for label in raw} == set(labels)
    for label, sentence in zip(labels, sentences, strict=True):
        assert any(f"'{sentence}' is called '{label}'" in text for text in report.problems)


HOSTILE = ["a\x00b\x1bc\x0b", "two\nlines", "two lines", "a\u2028b\r\nc", "\ufffe \uffff", '<x>&"']


def test_no_sentence_makes_cvat_xml_invalid(of, tmp_path):
    prepare(of({"/a/clip.mp4": HOSTILE}), tmp_path, "cvat")
    root = ET.parse(tmp_path / "labels" / "clip.xml").getroot()
    labels = [track.get("label") for track in root.iter("track")]
    assert len(set(labels)) == len(HOSTILE)
    assert all("\n" not in label for label in labels)
    assert '<x>&"' in labels


def test_each_sentence_is_one_line_of_its_own_in_mot(of, tmp_path):
    prepare(of({"/a/a\nb.mp4": HOSTILE}), tmp_path, "mot")
    (folder,) = (tmp_path).iterdir()
    lines = (folder / "gt" / "labels.txt").read_text().splitlines()
    assert len(lines) == len(set(lines)) == len(HOSTILE)
    assert len((folder / "seqinfo.ini").read_text().splitlines()) == 8
    classes = {row.split(",")[7] for row in (folder / "gt" / "gt.txt").read_text().split()}
    assert classes == {str(number) for number in range(1, len(HOSTILE) + 1)}


@pytest.fixture
def bright(tmp_path, draw_video):
    """A video whose frame n has a red box n * 6 pixels wide."""
    frames = [{"red": (0, 0, 6 * number, 60)} for number in range(1, 21)]
    return draw_video(tmp_path / "bright.mp4", frames)


@pytest.mark.parametrize(
    ("file_format", "name", "numbers"),
    [
        ("coco", "data/bright/frame_{:06d}.jpg", [1, 2, 5]),
        ("mot", "bright/img1/{:06d}.jpg", range(1, 21)),
    ],
)
def test_the_pictures_that_files_name_are_the_frames(
    of, bright, tmp_path, file_format, name, numbers
):
    out = tmp_path / "out"
    out.mkdir()
    dataset = of({str(bright): ["a box"]})
    report = prepare(dataset, out, file_format, pictures=True)
    assert problems(report) == []
    pictures = sorted(path for path in report.files if path.suffix == ".jpg")
    assert pictures == [out / name.format(number) for number in numbers]
    for path, number in zip(pictures, numbers, strict=True):
        blue, _, red = np.moveaxis(cv2.imread(str(path))[30].astype(int), -1, 0)
        assert np.count_nonzero(red - blue > 60) == pytest.approx(6 * number, abs=2)
    with pytest.raises(ValueError, match="already has"):
        prepare(dataset, out, file_format, pictures=True)


def test_fiftyone_finds_the_pictures_of_a_coco_file(of, bright, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    prepare(of({str(bright): ["a box"]}), out, "coco", pictures=True)
    read = fo.Dataset.from_dir(str(out), fo.types.COCODetectionDataset, label_field="gt")
    assert len(read) == 3
    assert all(path.endswith(".jpg") for path in read.values("filepath"))
    assert read.count("gt_detections.detections") == 3


def test_pictures_of_a_video_that_is_gone_are_said(of, tmp_path):
    report = prepare(of({"/gone/clip.mp4": ["a box"]}), tmp_path, "coco", pictures=True)
    assert any("Not all pictures of /gone/clip.mp4" in text for text in report.problems)


def test_a_home_is_expanded(of, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "out").mkdir()
    report = prepare(of({"/a/clip.mp4": ["a dog"]}), "~/out", "coco")
    assert report.files == [tmp_path / "out" / "labels.json"]
