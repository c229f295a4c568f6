"""Tests that boxes stay with the frames they were detected in."""

import numpy as np
import pytest

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import DetectorError, detect

N = 21


def box_in(t):
    """The red box in frame t; None in frames 3, 8 to 15, and 16."""
    return None if t in (3, 16) or 8 <= t < 16 else (4 * t, 20, 4 * t + 40, 60)


@pytest.fixture
def chunks(draw):
    """`chunks(8)`: the frames, that many at a time."""
    frames = [draw({"red": box_in(t)} if box_in(t) else {}) for t in range(N)]
    return lambda size: (frames[i : i + size] for i in range(0, N, size))


class Short:
    """Leaves out frames without boxes."""

    name = "short"

    def __init__(self, detector):
        self.detector = detector

    def detect(self, frames):
        return [boxes for boxes in self.detector.detect(frames) if len(boxes)]


@pytest.mark.parametrize("size", [1, 8, N])
def test_boxes_come_frame_by_frame_and_empty_frames_stay_in_their_place(
    chunks, fake_detector, size
):
    detections = detect(chunks(size), fake_detector)
    for t, boxes in enumerate(detections):
        truth = box_in(t)
        assert isinstance(boxes, Boxes)
        assert len(boxes) == (truth is not None), f"frame {t}"
        if truth:
            assert boxes.xyxy[0] == pytest.approx(truth), f"frame {t}"
    assert len(detections) == N
    assert max(fake_detector.batches) == size


def test_no_frames_give_no_boxes(fake_detector):
    assert detect([], fake_detector) == []
    assert fake_detector.batches == []


def test_a_detector_that_leaves_frames_out_is_refused_by_name(chunks, fake_detector):
    with pytest.raises(DetectorError, match=r"'short' returned 7 results for 8 frames"):
        detect(chunks(8), Short(fake_detector))


class Wrong:
    """A detector whose boxes, of a chunk of frames, go through a function."""

    name = "wrong"

    def __init__(self, detector, change):
        self._detector, self._change = detector, change

    def detect(self, frames):
        return self._change(self._detector.detect(frames))


def odd(xyxy=None, scores=None, n=1):
    """A chunk of frames whose first has an odd box."""

    def change(chunk):
        box = np.array([[10.0, 10, 60, 60]] * n)
        return [
            Boxes.of(box if xyxy is None else xyxy, [0.9] * n if scores is None else scores, ["x"]),
            *chunk[1:],
        ]

    return change


def raw(value):
    """A chunk of frames whose first has a value that is no `Boxes`."""
    return lambda chunk: [value, *chunk[1:]]


def objects(chunk):
    boxes = chunk[0]
    return [Boxes(boxes.xyxy.astype(object), boxes.scores, boxes.labels), *chunk[1:]]


BOXES = {
    "NaN": (odd([[np.nan, 0, 9, 9]]), "1 of 1 boxes of a frame with coordinates"),
    "infinite": (odd([[0, 0, np.inf, 9]]), "1 of 1 boxes of a frame with coordinates"),
    "a score of NaN": (odd(scores=[np.nan]), "1 of 1 boxes of a frame with coordinates"),
    "arrays of objects": (objects, "coordinates or scores"),
    "a dict": (raw({"boxes": []}), "a dict for a frame"),
    "None": (raw(None), "a NoneType for a frame"),
    "an array": (raw(np.zeros((1, 4))), "a ndarray for a frame"),
    "nothing at all": (lambda chunk: None, "a NoneType;"),
    "a generator": (iter, "a list_iterator;"),
    "a frame too many": (lambda chunk: [*chunk, Boxes.none()], "results for"),
    "a frame too few": (lambda chunk: chunk[1:], "results for"),
}


@pytest.mark.parametrize("kind", BOXES)
def test_boxes_that_mean_nothing_are_refused_by_name(chunks, fake_detector, kind):
    change, message = BOXES[kind]
    with pytest.raises(DetectorError, match=f"^Detector 'wrong' returned .*{message}"):
        detect(chunks(8), Wrong(fake_detector, change))
