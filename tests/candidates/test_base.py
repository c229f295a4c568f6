"""Tests that boxes stay with the frames they were detected in."""

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
