"""Tests what the encoder is shown: crops, and frames with a blur around or inside boxes."""

import cv2
import numpy as np
import pytest

from fiftyone_e3m.features.canvas import Canvas, crop, resize


def test_a_crop_is_what_is_inside_the_box(draw):
    frame = draw({"red": (40, 30, 80, 70)})
    image = crop(frame, np.array([40, 30, 80, 70.0]), 0.0, (20, 20))
    assert image.shape == (20, 20, 3)
    assert (image == frame[50, 60]).all()


def test_a_crop_is_padded_by_its_share_on_each_side(draw):
    frame = draw({"red": (40, 30, 80, 50)})
    image = crop(frame, np.array([40, 30, 80, 50.0]), 0.25, (30, 60))
    assert (image == frame[25:55, 30:90]).all()


def test_padding_ends_at_the_border_of_the_frame(draw):
    frame = draw({"red": (0, 0, 40, 40), "blue": (120, 80, 160, 120)})
    assert (crop(frame, np.array([0, 0, 40, 40.0]), 0.25, (50, 50)) == frame[:50, :50]).all()
    corner = crop(frame, np.array([120, 80, 160, 120.0]), 0.25, (50, 50))
    assert (corner == frame[70:, 110:]).all()


@pytest.mark.parametrize(
    "box",
    [[20.2, 20.2, 20.3, 20.3], [158, 118, 160, 120], [159.9, 119.9, 160, 120], [0, 0, 1, 120]],
)
def test_the_thinnest_box_gives_an_image(draw, box):
    frame = draw({"red": (0, 0, 160, 120)})
    box = np.array(box)
    assert (crop(frame, box, 0.0, (48, 64)) == frame[0, 0]).all()
    assert Canvas(frame, (48, 64), 0.15).only(box).shape == (48, 64, 3)


def test_a_crop_fills_the_input_without_keeping_its_aspect(draw):
    frame = draw({"red": (0, 0, 40, 100), "blue": (40, 0, 80, 100)})
    image = crop(frame, np.array([0, 0, 80, 100.0]), 0.0, (30, 60))
    assert (image[:, :30] == frame[0, 0]).all()
    assert (image[:, 30:] == frame[0, 79]).all()


def stripes(size=(120, 160)):
    """Alternating black and white rows: any blur turns them grey."""
    return np.repeat(np.arange(size[0]) % 2 * 255, size[1] * 3).reshape(*size, 3).astype(np.uint8)


def contrast(image):
    return np.ptp(image.astype(int), axis=0).mean()


def test_the_blur_prompt_keeps_the_box_sharp_and_blurs_all_else():
    frame = stripes()
    image = Canvas(frame, frame.shape[:2], 0.15).only(np.array([30, 40, 70, 90.0]))
    sharp = np.zeros(frame.shape[:2], bool)
    sharp[40:90, 30:70] = True
    assert (image[sharp] == frame[sharp]).all()
    assert np.abs(image[~sharp].astype(int) - 127).max() < 10


def test_other_boxes_are_blurred_but_not_the_picked_one():
    frame = stripes()
    picked, others = np.array([30, 40, 70, 90.0]), np.array([[50, 20, 100, 60.0], [0, 0, 10, 10]])
    image = Canvas(frame, frame.shape[:2], 0.15).without(others, picked)
    blurred = np.zeros(frame.shape[:2], bool)
    blurred[20:60, 50:100] = blurred[:10, :10] = True
    blurred[40:90, 30:70] = False
    assert (image[~blurred] == frame[~blurred]).all()
    assert np.abs(image[blurred].astype(int) - 127).max() < 10


def test_views_of_a_canvas_do_not_spoil_each_other():
    canvas = Canvas(stripes(), (48, 64), 0.15)
    box, other = np.array([0, 0, 50, 50.0]), np.array([60, 0, 100, 100.0])
    first = canvas.only(box).copy()
    canvas.without(other[None], box)
    canvas.only(other)
    assert (canvas.only(box) == first).all()


def test_boxes_are_scaled_to_the_input_in_both_directions(draw):
    frame = draw({"red": (80, 30, 160, 60)})
    image = Canvas(frame, (40, 80), 0.15).only(np.array([80, 30, 160, 60.0]))
    assert (image[10:20, 40:] == frame[45, 100]).all()
    assert (image[8, 40:] != frame[45, 100]).any()
    assert (image[10:20, 38] != frame[45, 100]).any()


def test_blurring_after_shrinking_looks_like_blurring_before():
    rng = np.random.default_rng(0)
    frame = cv2.resize(rng.integers(0, 256, (9, 16, 3), np.uint8), (640, 360))
    for x, y in rng.integers(0, 300, (30, 2)).tolist():
        cv2.rectangle(frame, (2 * x, y), (2 * x + 60, y + 40), rng.integers(0, 256, 3).tolist(), -1)
    before = resize(cv2.GaussianBlur(frame, (0, 0), 0.15 * 640), (224, 224))
    after = Canvas(frame, (224, 224), 0.15).blurred
    assert np.abs(before.astype(int) - after).mean() < 1.5  # of 255
    assert np.abs(after.astype(int) - resize(frame, (224, 224))).mean() > 20
