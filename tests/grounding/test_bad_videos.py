"""Pins that a bad video affects only itself, and is reported with its reason."""

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
            "decoding stops after",
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
    assert dataset.values("e3m_message")[1] == "RuntimeError: the card fell off the bus"
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
