"""The camera's motion, on pictures that are moved by a known amount."""

import cv2
import numpy as np
import pytest

from fiftyone_e3m.e3m.tracks import DETECTED, Tracks
from fiftyone_e3m.features.camera import Camera

HEIGHT, WIDTH = 240, 320


def scenery(seed=0):
    """A blurred pattern that has corners everywhere."""
    pattern = np.random.default_rng(seed).integers(0, 256, (40, 54, 3), dtype=np.uint8)
    return cv2.resize(pattern, (WIDTH + 80, HEIGHT + 80), interpolation=cv2.INTER_CUBIC)


def tracks_of(boxes):
    """One track with these boxes (T, 4); none if it is empty."""
    boxes = np.asarray(boxes, np.float32)[None]
    kind = np.full(boxes.shape[:2], DETECTED, np.int8)
    return Tracks(boxes, kind, np.ones(boxes.shape[:2], np.float32), ("person",))


def watched(frames, tracks=None):
    n = len(frames)
    nothing = np.zeros((0, n), np.int8)
    empty = Tracks(np.zeros((0, n, 4), np.float32), nothing, nothing.astype(np.float32), ())
    camera = Camera.of(tracks or empty)
    for t, frame in enumerate(frames):
        camera.watch(t, frame)
    return camera.motion


def shift(motion):
    """Where a motion (2, 3) carries the middle of the picture."""
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    return motion[:, :2] @ middle + motion[:, 2] - middle


def test_a_pan_moves_points_the_other_way():
    big = scenery()
    frames = [big[40:-40, 8 * t : 8 * t + WIDTH] for t in range(4)]
    motion = watched(frames)
    assert np.isnan(motion[0]).all()
    for step in motion[1:]:
        assert step[:, :2] == pytest.approx(np.eye(2), abs=0.01)
        assert shift(step) == pytest.approx([-8, 0], abs=0.7)


def test_a_zoom_is_about_the_middle():
    zoom = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0, 1.05)
    frame = scenery()[:HEIGHT, :WIDTH]
    motion = watched([frame, cv2.warpAffine(frame, zoom, (WIDTH, HEIGHT))])
    assert motion[1, :, :2] == pytest.approx(1.05 * np.eye(2), abs=0.01)
    assert shift(motion[1]) == pytest.approx([0, 0], abs=1)


def test_what_moves_within_a_box_is_not_the_camera():
    """The object fills most of the picture."""
    place, thing = scenery()[:HEIGHT, :WIDTH], scenery(1)
    frames, boxes = [], []
    for t in range(3):
        frame, x = place.copy(), 10 + 12 * t
        frame[10:230, x : x + 250] = thing[:220, :250]
        frames.append(frame)
        boxes.append([x, 10, x + 250, 230])
    assert shift(watched(frames, tracks_of(boxes))[1]) == pytest.approx([0, 0], abs=1)
    assert shift(watched(frames)[1]) == pytest.approx([12, 0], abs=1)


@pytest.mark.parametrize(
    "frames",
    [
        [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 2,
        [scenery(0)[:HEIGHT, :WIDTH], scenery(1)[:HEIGHT, :WIDTH]],
        [scenery()[:HEIGHT, :WIDTH], scenery()[:WIDTH, :HEIGHT]],
        [np.zeros((1, 1, 3), np.uint8)] * 2,
        [np.zeros((4, 2000, 3), np.uint8)] * 2,
    ],
    ids=["black", "another place", "another size", "a pixel", "a line"],
)
def test_without_a_common_background_nothing_is_known(frames):
    assert np.isnan(watched(frames)).all()


def test_a_box_that_covers_all_leaves_no_background():
    frame = scenery()[:HEIGHT, :WIDTH]
    assert np.isnan(watched([frame] * 2, tracks_of([[0, 0, WIDTH, HEIGHT]] * 2))).all()
