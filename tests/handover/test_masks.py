"""Pins that masks reach the COCO file as they are, and that other formats say what they lack."""

import contextlib
import io

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from fiftyone_e3m import prepare_for_annotation
from fiftyone_e3m.handover.masks import run_lengths

SHAPE = np.tri(12, 16, dtype=bool)
"""A mask of half the size of its box in pixels, 32 x 24."""


@pytest.fixture
def masked(dataset):
    """The video's still box has the mask `SHAPE` in all frames but the last."""
    sample = dataset.first()
    for number in (3, 4, 5, 6, 10, 11):
        sample.frames[number].gt.detections[1].mask = SHAPE
    sample.save()
    return dataset


def prepare(dataset, out, name):
    return prepare_for_annotation(dataset, "gt", format=name, out=out)


def read_coco(out):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(out / "labels.json"))


def test_pycocotools_reads_the_masks(masked, tmp_path):
    report = prepare(masked, tmp_path, "coco")
    assert report.problems == []
    coco = read_coco(tmp_path)
    expected = np.zeros((120, 160), np.uint8)
    expected[60:84, 80:112] = SHAPE.repeat(2, axis=0).repeat(2, axis=1)
    segmented = [a for a in coco.anns.values() if "segmentation" in a]
    assert len(segmented) == 6
    for annotation in segmented:
        assert (coco.annToMask(annotation) == expected).all()
        assert annotation["segmentation"]["size"] == [120, 160]
        assert annotation["area"] == expected.sum()
        assert annotation["bbox"] == [80, 60, 32, 24]


@pytest.mark.parametrize("name", ["cvat", "mot"])
def test_other_formats_say_that_masks_are_left_out(masked, tmp_path, name):
    (problem,) = prepare(masked, tmp_path, name).problems
    assert problem == (
        f"The masks of 6 boxes are left out: {name} files hold boxes only. The format coco holds "
        "masks."
    )


def test_masks_in_files_are_read_and_missing_ones_are_told(dataset, tmp_path):
    cv2.imwrite(str(tmp_path / "mask.png"), SHAPE.astype(np.uint8) * 255)
    sample = dataset.first()
    sample.frames[3].gt.detections[1].mask_path = str(tmp_path / "mask.png")
    sample.frames[4].gt.detections[1].mask_path = str(tmp_path / "gone.png")
    sample.save()
    (problem,) = prepare(dataset, tmp_path, "coco").problems
    assert "has no mask in frame 4" in problem
    (annotation,) = [a for a in read_coco(tmp_path).anns.values() if "segmentation" in a]
    assert annotation["area"] == 4 * SHAPE.sum()


@pytest.mark.parametrize("box", [[-3, -2, 5, 4], [6, 4, 12, 9], [0, 0, 8, 6], [3, 2, 3.2, 2.2]])
def test_a_mask_is_cut_off_at_the_frame(box):
    lengths = run_lengths(np.ones((2, 3)), np.array(box, float), width=8, height=6)
    left, top, right, bottom = (round(value) for value in box)
    inside = np.zeros((6, 8), bool)
    inside[max(0, top) : max(bottom, top + 1), max(0, left) : max(right, left + 1)] = True
    values = np.arange(len(lengths)) % 2 == 1
    assert (inside == np.repeat(values, lengths).reshape(8, 6).T).all()
