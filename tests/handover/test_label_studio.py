"""Pins what Label Studio reads: a task per video, keyframes that end with their segment, regions.

Where label-studio-tools is installed, its own reader restores the boxes.
"""

import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import fiftyone as fo
import numpy as np
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m import prepare_for_annotation

TURNING, STILL = "it turns", 'it says "<&"'


@pytest.fixture
def tasks(dataset, tmp_path):
    """The tasks of two tubes without class and confidence."""
    prepare_for_annotation(dataset, "gt", format="label_studio", out=tmp_path)
    return json.loads((tmp_path / "label_studio.json").read_text())


def results(tasks, kind):
    return [each for each in tasks[0]["predictions"][0]["result"] if each["type"] == kind]


def test_a_video_is_a_task_that_names_its_file(tasks, clip):
    (task,) = tasks
    assert task["data"] == {
        "video": f"/data/local-files/?d={str(clip)[1:]}",
        "fps": 10,
        "name": "clip",
    }


def test_the_server_reads_the_whole_path_whatever_is_in_it(clip, tmp_path):
    odd = tmp_path / "clip #3 a&b+ü%20.mp4"
    odd.write_bytes(clip.read_bytes())
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(odd)))
    box = fo.Detection(label=TURNING, bounding_box=[0.1, 0.1, 0.2, 0.2], index=1)
    sample = dataset.first()
    sample.frames[1] = fo.Frame(gt=fo.Detections(detections=[box]))
    sample.save()
    prepare_for_annotation(dataset, "gt", format="label_studio", out=tmp_path)
    (task,) = json.loads((tmp_path / "label_studio.json").read_text())
    assert parse_qs(urlsplit(task["data"]["video"]).query) == {"d": [str(odd)[1:]]}
    dataset.delete()


def test_keyframes_are_in_percent_and_the_last_of_each_segment_ends_it(tasks):
    turning, still = results(tasks, "videorectangle")
    frames = [(each["frame"], each["enabled"]) for each in still["value"]["sequence"]]
    assert frames == [(3, True), (6, False), (10, True), (12, False)]
    first = turning["value"]["sequence"][0]
    assert [first[n] for n in ("x", "y", "width", "height")] == pytest.approx([3.75, 25, 25, 20])
    assert (first["time"], turning["value"]["framesCount"]) == (0, 20)
    assert turning["value"]["duration"] == 2


def test_its_own_reader_restores_every_box(tasks, dataset):
    from label_studio_tools.postprocessing import video

    restored = video.extract_key_frames(results(tasks, "videorectangle"))
    for track, label in zip(restored, (TURNING, STILL), strict=True):
        found = {each["frame"]: each for each in track["value"]["sequence"]}
        true = {
            number: box.bounding_box
            for number, frame in dataset.first().frames.items()
            for box in (frame.gt.detections if frame.gt else [])
            if box.label == label
        }
        assert found.keys() == true.keys()
        for number, box in true.items():
            names = ("x", "y", "width", "height")
            assert [found[number][n] / 100 for n in names] == pytest.approx(box, abs=0.03)


def test_the_class_is_the_label_and_sentence_and_confidence_belong_to_the_region(
    clip, stand_ins, tmp_path
):
    dataset = fo.Dataset()
    dataset.add_sample(fo.Sample(filepath=str(clip)))
    models = {"detector": stand_ins.detector(), "encoder": stand_ins.encoder()}
    e3m.ground(dataset, "a <red> box", progress=False, **models)
    prepare_for_annotation(dataset, format="label_studio", out=tmp_path)
    tasks = json.loads((tmp_path / "label_studio.json").read_text())
    (box,), (text,), (number,) = (
        results(tasks, kind) for kind in ("videorectangle", "textarea", "number")
    )
    assert box["value"]["labels"] == ["red"]
    assert text["value"]["text"] == ["a <red> box"]
    sure = np.mean(dataset.values("frames.e3m.detections.confidence", unwind=True))
    assert number["value"]["number"] == box["score"] == pytest.approx(sure)
    assert box["id"] == text["id"] == number["id"]
    interface = ET.parse(tmp_path / "label_studio_config.xml").getroot()
    assert [label.get("value") for label in interface.iter("Label")] == ["red"]
    named = {each.get("name"): each.tag for each in interface if each.get("name")}
    used = {each["from_name"] for each in tasks[0]["predictions"][0]["result"]}
    assert used <= set(named)
    assert (named["box"], interface.find("Video").get("framerate")) == ("VideoRectangle", "$fps")
    dataset.delete()


def test_tubes_without_a_class_have_their_sentence_as_label(tasks):
    labels = [each["value"]["labels"] for each in results(tasks, "videorectangle")]
    assert labels == [[TURNING], [STILL]]
    assert results(tasks, "number") == [], "nobody said how sure"
