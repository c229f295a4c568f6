"""Pins that a bad video affects only itself, and is reported with its reason."""

import fiftyone as fo
import numpy as np
import pytest

from ..films import packets, spoil

RED = "a red box"


def test_each_bad_video_says_why_and_the_good_one_is_grounded(make, ground):
    names = ["good", "cut", "text", "empty", "single", "good"]
    dataset = make(*names)
    dataset.set_values("caption", [RED] * 5 + [""])
    summary = ground(dataset, query_field="caption")
    dataset.reload()
    found = dict(zip(dataset.values("filepath"), dataset.values("e3m_status"), strict=True))
    statuses, messages = dataset.values(["e3m_status", "e3m_message"])
    assert len(found) == 5
    assert statuses == ["ok", "unreadable", "unreadable", "no_boxes", "one_frame", "no_query"]
    assert messages[0] is None
    for message, reason in zip(
        messages[1:],
        [
            "of which only",
            "text.mp4 is not a video that can be opened",
            "No box was found in any of the",
            "single frame",
            "no sentence in 'caption'",
        ],
        strict=True,
    ):
        assert reason in message
    text = str(summary)
    assert "1 of 6 videos grounded" in text
    assert "2 unreadable" in text
    for report, message in zip(summary.videos[1:], messages[1:], strict=True):
        assert f"{report.filepath}: {report.status}. {message}" in text
    assert len(summary.not_ok) == 5
    assert summary.run_key in dataset.list_runs()


def test_a_video_with_a_few_frames_missing_at_its_end_is_used_as_far_as_it_goes(
    make, ground, truth
):
    dataset = make("clipped")
    ground(dataset, RED)
    dataset.reload()
    sample = dataset.first()
    assert sample.e3m_status == "ok"
    assert "The frames that are there were used." in sample.e3m_message
    assert 0.9 * truth.n <= len(sample.frames) < truth.n


def test_what_the_encoder_cannot_do_is_told(make, ground, fake_encoder):
    fake_encoder.notice = "It knows colours only."
    dataset = make("single")
    summary = ground(dataset, RED)
    assert fake_encoder.notice in str(summary)
    assert fake_encoder.notice in dataset.get_run_info(summary.run_key).config.notices


class Fails:
    """Works except for one call."""

    def __init__(self, detector, call):
        self.detector, self.call, self.name = detector, call, "fails"

    def detect(self, frames):
        if len(self.detector.batches) == self.call:
            self.detector.batches.append(0)
            raise RuntimeError("the card fell off the bus")
        return self.detector.detect(frames)


def test_a_detector_that_raises_on_one_video_fails_that_one(make, ground, fake_detector):
    dataset = make("single", "single", "single")
    summary = ground(dataset, RED, detector=Fails(fake_detector, call=1))
    dataset.reload()
    assert dataset.values("e3m_status") == ["one_frame", "failed", "one_frame"]
    assert dataset.values("e3m_message")[1] == (
        "Detector 'fails' failed (RuntimeError: the card fell off the bus). The log says where."
    )
    assert dataset.get_run_info(summary.run_key).config.state == "finished"


def test_a_missing_file_is_told_and_can_be_grounded_later(make, ground, videos):
    dataset = make("good", "good")
    dataset.set_values("filepath", [str(videos["good"]), "/nowhere/late.mp4"])
    ground(dataset, RED)
    assert "/nowhere/late.mp4 does not exist" in dataset.values("e3m_message")[1]
    dataset.set_values("filepath", [str(videos["good"]), str(videos["late"])])
    summary = ground(dataset.exists("e3m_events", False), RED)
    assert summary.counts == {"ok": 1}
    dataset.reload()
    assert dataset.values(["e3m_status", "e3m_message"]) == (["ok", "ok"], [None, None])


def picture(number):
    """A noisy picture with the blue box of `scene`, so that every frame is worth many bytes."""
    image = np.random.default_rng(number).integers(55, 66, (120, 160, 3)).astype(np.uint8)
    image[70:100, 10 + number : 40 + number] = (40, 60, 220)
    return image


@pytest.fixture
def ground_file(ground):
    """`ground_file(path, **metadata)`: the sample of a file after grounding."""
    datasets = []

    def run(path, **metadata):
        datasets.append(fo.Dataset())
        known = fo.VideoMetadata(**metadata) if metadata else None
        datasets[-1].add_sample(fo.Sample(filepath=str(path), metadata=known))
        ground(datasets[-1], "a blue box")
        datasets[-1].reload()
        return datasets[-1].first()

    yield run
    for dataset in datasets:
        dataset.delete()


def test_one_damaged_picture_is_told_and_costs_nothing_else(tmp_path, film, ground_file):
    path = film(tmp_path / "v.mp4", [picture(i) for i in range(30)], codec="mjpeg", strict="-1")
    damaged = packets(path)[12]
    spoil(path, damaged.pos, damaged.size)
    sample = ground_file(path)
    assert sample.e3m_status == "ok"
    assert len(sample.frames) == 30
    assert (
        "1 of about 30 pictures could not be decoded, the first is number 13" in sample.e3m_message
    )


def test_pictures_that_were_decoded_with_errors_are_told(tmp_path, film, ground_file):
    rng = np.random.default_rng(0)
    pictures = [np.maximum(picture(i), rng.integers(0, 60, (1, 1, 3), np.uint8)) for i in range(60)]
    path = film(tmp_path / "v.mp4", pictures, g="20", sc_threshold="0")
    key = [packet for packet in packets(path) if packet.is_keyframe][1]
    spoil(path, key.pos + key.size // 2, key.size // 4)
    sample = ground_file(path)
    assert sample.e3m_status == "ok"
    assert "of about 60 pictures may look wrong, the first is number 21:" in sample.e3m_message


def test_boxes_lie_at_the_frames_that_the_player_shows(tmp_path, film, ground_file):
    pictures = [picture(i) for i in range(30)]
    path = film(tmp_path / "late.mp4", pictures, times=1 + np.arange(30) / 10, fps=10)
    sample = ground_file(path)
    assert "comes 1 s late" in sample.e3m_message
    for number, first in [(1, 0), (11, 0), (31, 20), (40, 29)]:
        (box,) = sample.frames[number].e3m.detections
        assert box.bounding_box[0] * 160 == pytest.approx(10 + first, abs=2), f"frame {number}"


def test_a_frame_rate_in_the_metadata_that_the_file_does_not_have_is_told(videos, ground_file):
    sample = ground_file(videos["good"], frame_width=160, frame_height=120, frame_rate=25)
    assert "say 25 instead of 10 frames per second" in sample.e3m_message
    assert sample.metadata.frame_rate == 25
