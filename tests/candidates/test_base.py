"""Pins that boxes stay with the frames they were found in, a few frames at a time."""

import numpy as np
import pytest

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import DetectorError, detect
from fiftyone_e3m.candidates.base import CHUNK
from fiftyone_e3m.video import TruncatedVideoError, Video

N = 21


def box_in(t):
    """Where the red box is in frame t; none in frames 3 and 16, and in none of 8 to 15."""
    return None if t in (3, 16) or 8 <= t < 16 else (4 * t, 20, 4 * t + 40, 60)


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video):
    frames = [{"red": box_in(t)} if box_in(t) else {} for t in range(N)]
    return Video.open(draw_video(tmp_path_factory.mktemp("moving") / "v.mp4", frames))


class Short:
    """Forgets the frames without boxes."""

    name = "short"

    def __init__(self, detector):
        self.detector = detector

    def detect(self, frames):
        return [boxes for boxes in self.detector.detect(frames) if len(boxes)]


def check(found, frames):
    for boxes, t in zip(found, frames, strict=True):
        truth = box_in(t)
        assert isinstance(boxes, Boxes)
        assert len(boxes) == (truth is not None), f"frame {t}"
        if truth:
            assert boxes.xyxy[0] == pytest.approx(truth, abs=2), f"frame {t}"


def test_boxes_come_frame_by_frame_and_empty_frames_stay_in_their_place(video, fake_detector):
    check(detect(video, np.arange(N), fake_detector), range(N))


@pytest.mark.parametrize(
    "sampled", [[0], [3], [20], [0, 5, 10, 15, 20], [2, 3, 4, 16, 17]], ids=str
)
def test_only_the_sampled_frames_are_looked_at(video, fake_detector, sampled):
    check(detect(video, np.array(sampled), fake_detector), sampled)
    assert sum(fake_detector.batches) == len(sampled)


@pytest.mark.parametrize("n", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_frames_come_in_chunks(video, fake_detector, n):
    detect(video, np.arange(n), fake_detector)
    assert sum(fake_detector.batches) == n
    assert max(fake_detector.batches) <= CHUNK
    assert len(fake_detector.batches) == -(-n // CHUNK)


def test_no_frames_give_no_boxes(video, fake_detector):
    assert detect(video, np.array([], int), fake_detector) == []
    assert fake_detector.batches == []


def test_a_detector_that_leaves_frames_out_is_refused_by_name(video, fake_detector):
    with pytest.raises(DetectorError, match=r"'short' returned 7 results for 8 frames"):
        detect(video, np.arange(N), Short(fake_detector))


def test_a_cut_off_video_is_told(tmp_path, draw_video, fake_detector):
    path = draw_video(tmp_path / "v.avi", [{"red": (0, 0, 40, 40)}] * 30, codec="MJPG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(TruncatedVideoError):
        detect(Video.open(path), np.arange(30), fake_detector)
