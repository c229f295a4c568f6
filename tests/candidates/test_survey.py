"""Tests that one pass finds boxes and cuts, and that there is none if both are cached."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import CHUNK, CancelledError, DetectorError, Survey
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.video import TruncatedVideoError, Video

from ..films import packets, spoil

N, CUT = 42, 23
EVERY_SECOND = E3MConfig(sample_fps=5)
EVERY = E3MConfig(sample_fps=10)


def box_in(t):
    """The red box in frame t; None in frames 8 to 15."""
    return None if 8 <= t < 16 else (2 * t, 20, 2 * t + 40, 60)


def drawn(draw):
    frames = [draw({"red": box_in(t)} if box_in(t) else {}) for t in range(N)]
    for frame in frames[CUT:]:  # another shot: the background is lighter
        frame[(frame == 60).all(axis=-1)] = 125
    return frames


@pytest.fixture(scope="module")
def video(tmp_path_factory, draw_video, draw):
    return Video.open(draw_video(tmp_path_factory.mktemp("survey") / "v.mp4", drawn(draw)))


@pytest.fixture
def damaged(tmp_path, draw_video, draw):
    """`damaged(0.95)`: a video of which that share is left."""
    whole = draw_video(tmp_path / "whole.avi", drawn(draw), codec="MJPG").read_bytes()

    def cut(share):
        path = tmp_path / "cut.avi"
        path.write_bytes(whole[: int(len(whole) * share)])
        return Video.open(path)

    return cut


@pytest.fixture
def reads(monkeypatch):
    """The paths of the videos that were decoded."""
    paths = []
    read = Video.read
    monkeypatch.setattr(Video, "read", lambda self, *a: paths.append(self.path) or read(self, *a))
    return paths


def same(one, other):
    assert one.sampled.tolist() == other.sampled.tolist()
    assert one.cuts == other.cuts
    assert one.notes == other.notes
    for a, b in zip(one.detections, other.detections, strict=True):
        assert a.xyxy.tolist() == b.xyxy.tolist()
        assert a.scores.tolist() == b.scores.tolist()
        assert a.labels == b.labels


# One pass


@pytest.mark.parametrize("overlap", [True, False])
def test_one_pass_finds_boxes_and_cuts(video, fake_detector, reads, overlap):
    survey = Survey.of(video, fake_detector, EVERY_SECOND, overlap=overlap)
    assert reads == [video.path]
    assert survey.sampled.tolist() == list(range(0, N, 2))
    assert survey.cuts == [CUT]
    assert sum(fake_detector.batches) == N / 2
    assert max(fake_detector.batches) == CHUNK
    for t, boxes in zip(survey.sampled, survey.detections, strict=True):
        truth = box_in(int(t))
        assert len(boxes) == (truth is not None), f"frame {t}"
        if truth:
            assert boxes.xyxy[0] == pytest.approx(truth, abs=2), f"frame {t}"


def test_without_shots_only_the_sampled_frames_are_shown(video, fake_detector):
    survey = Survey.of(video, fake_detector, E3MConfig(sample_fps=5, shots=False))
    assert survey.cuts == []
    same(
        survey,
        replace(Survey.of(video, fake_detector, EVERY_SECOND), cuts=[]),
    )


def test_given_boxes_need_no_detector(video, reads):
    given = [Boxes.of([[0, 0, 9, 9]], [0.5], ["thing"])] * N
    survey = Survey.of(video, lambda video, sampled: given[: len(sampled)], EVERY)
    assert survey.detections == given
    assert survey.cuts == [CUT]
    assert len(reads) == 1
    Survey.of(video, lambda video, sampled: given, E3MConfig(sample_fps=10, shots=False))
    assert len(reads) == 1, "there was nothing to look at"


@pytest.mark.parametrize("given", [True, False])
def test_a_shot_between_two_sampled_frames_is_sampled_too(
    tmp_path, draw_video, fake_detector, given
):
    street, beach = np.full((120, 160, 3), 70, np.uint8), np.full((120, 160, 3), 200, np.uint8)
    beach[40:60, 20:60] = (220, 30, 30)
    street[70:110, 100:150] = (40, 60, 220)
    frames = [street] * 13 + [beach] * 6 + [street] * 21
    video = Video.open(draw_video(tmp_path / "v.mp4", frames, fps=10))

    def boxes(video, sampled):
        return fake_detector.detect([frame for _, frame in video.read(sampled)])

    config = E3MConfig(sample_fps=1)
    survey = Survey.of(video, boxes if given else fake_detector, config)
    assert survey.cuts == [13, 19]
    assert survey.sampled.tolist() == [0, 10, 15, 20, 30]
    labels = [set(boxes.labels) & {"red", "blue"} for boxes in survey.detections]
    assert labels == [{"blue"}, {"blue"}, {"red"}, {"blue"}, {"blue"}]


# Missing frames


@pytest.mark.parametrize("shots", [True, False])
@pytest.mark.parametrize("overlap", [True, False])
def test_an_end_that_is_missing_is_left_out_and_told(damaged, fake_detector, shots, overlap):
    video = damaged(0.95)
    config = E3MConfig(sample_fps=10, shots=shots)
    survey = Survey.of(video, fake_detector, config, overlap=overlap)
    left = survey.video.frame_count
    assert 0.9 * N <= left < N
    assert survey.sampled.tolist() == list(range(left))
    assert len(survey.detections) == left
    assert all("red" in boxes.labels for boxes in survey.detections[16:])
    (note,) = survey.notes
    assert "The frames that are there were used." in note


@pytest.mark.parametrize("shots", [True, False])
def test_a_video_that_lost_its_half_is_refused(damaged, fake_detector, shots):
    with pytest.raises(TruncatedVideoError):
        Survey.of(damaged(0.5), fake_detector, E3MConfig(sample_fps=10, shots=shots))


def test_what_is_missing_is_not_remembered(damaged, known_detector, cache, reads):
    video = damaged(0.95)
    Survey.of(video, known_detector, EVERY, cache)
    Survey.of(video, known_detector, EVERY, cache)
    assert len(reads) == 2


def test_what_may_look_wrong_is_told_each_time(film, draw, known_detector, cache, tmp_path):
    path = film(tmp_path / "noise.mkv", drawn(draw), fps=10, codec="mpeg2video", g="12")
    key = [packet for packet in packets(path) if packet.is_keyframe][1]
    spoil(path, key.pos + key.size // 2, key.size // 4)
    for _ in range(2):
        (note,) = Survey.of(Video.open(path), known_detector, EVERY, cache).notes
        assert f"of about {N} pictures may look wrong, the first is number 13:" in note


# The cache


def test_what_was_seen_once_is_not_looked_at_again(video, known_detector, cache, reads):
    first = Survey.of(video, known_detector, EVERY_SECOND, cache)
    again = Survey.of(Video.open(video.path), known_detector, EVERY_SECOND, cache)
    same(first, again)
    assert len(reads) == 1
    assert sum(known_detector.batches) == N / 2


def test_a_copy_of_the_file_is_the_same_video(video, known_detector, cache, tmp_path, reads):
    copy = tmp_path / "another name.mp4"
    copy.write_bytes(video.path.read_bytes())
    same(
        Survey.of(video, known_detector, EVERY_SECOND, cache),
        Survey.of(Video.open(copy), known_detector, EVERY_SECOND, cache),
    )
    assert len(reads) == 1


@pytest.mark.parametrize("what", ["frames", "shots", "detector", "content"])
def test_anything_else_is_looked_at(
    video, known_detector, cache, reads, what, tmp_path, draw_video
):
    Survey.of(video, known_detector, EVERY_SECOND, cache)
    config = EVERY_SECOND
    if what == "frames":
        config = EVERY
    elif what == "shots":
        config = E3MConfig(sample_fps=5, shots=False)
    elif what == "detector":
        known_detector.fingerprint = "rectangles, version 2"
    else:
        video = Video.open(draw_video(tmp_path / "other.mp4", [{"red": (0, 0, 50, 50)}] * N))
    survey = Survey.of(video, known_detector, config, cache)
    assert len(reads) == 2
    same(survey, Survey.of(video, known_detector, config))


def test_a_detector_that_does_not_say_who_it_is_is_asked_each_time(video, fake_detector, cache):
    for _ in range(2):
        Survey.of(video, fake_detector, EVERY_SECOND, cache)
    assert sum(fake_detector.batches) == N


def test_cuts_are_remembered_where_boxes_are_given(video, cache, reads):
    calls = []

    def boxes(video, sampled):
        calls.append(len(sampled))
        return [Boxes.none()] * len(sampled)

    surveys = [Survey.of(video, boxes, EVERY_SECOND, cache) for _ in range(2)]
    assert [survey.cuts for survey in surveys] == [[CUT], [CUT]]
    assert len(reads) == 1
    assert calls == [N / 2] * 2, "the boxes of a field may have changed"


# Cancelling


@pytest.mark.parametrize("overlap", [True, False])
def test_a_survey_can_be_cut_short(video, fake_detector, cache, overlap):
    asked = iter([False] * 9)
    with pytest.raises(CancelledError):
        Survey.of(video, fake_detector, EVERY, cache, overlap, cancelled=lambda: next(asked, True))
    assert sum(fake_detector.batches) <= 9


# A part of the video, sampled more densely


def test_a_part_is_sampled_anew_and_its_boxes_are_those_of_its_frames(video, fake_detector):
    survey = Survey.of(video, fake_detector, E3MConfig(sample_fps=10, max_frames=6))
    near = survey.closer(16, 27, E3MConfig(sample_fps=10), cache=None, overlap=True)
    assert near.sampled.tolist() == list(range(16, 28))
    assert near.cuts == [CUT]
    assert near.video == video
    for t, boxes in zip(near.sampled, near.detections, strict=True):
        assert boxes.xyxy[0] == pytest.approx(box_in(int(t)), abs=2)


def test_a_detector_that_fails_leaves_no_thread(video):
    class Fails:
        name = "fails"

        def detect(self, frames):
            raise RuntimeError("the device was lost")

    with pytest.raises(DetectorError, match=r"'fails' failed \(RuntimeError: the dev") as error:
        Survey.of(video, Fails(), EVERY)
    assert error.traceback, "the frames of the error are alive"
    assert not [t for t in threading.enumerate() if t.name.startswith("e3m-ahead")]
