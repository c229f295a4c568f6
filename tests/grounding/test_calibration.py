"""Pins calibration from end to end: ground, review, calibrate, ground again, on a drawn video.

One video with many sentences has as many events; the red box is the right answer to all of them.
"""

import numpy as np
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.calibration import Calibration, Kept, KeptCalibrations
from fiftyone_e3m.dataset.runs import calibration_of

RED = [f"a red box, number {n}" for n in range(24)]
WRONG = RED[:8]

pytestmark = pytest.mark.usefixtures("known_encoder")


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """The calibrations of this test only."""
    monkeypatch.setenv("E3M_DATA_DIR", str(tmp_path))
    return KeptCalibrations.default()


@pytest.fixture
def keep(kept):
    """`keep(scale, shift)`: a calibration of the stand-in encoder."""

    def write(scale=0.5, shift=-1.0):
        kept.keep("colours, version 1", Kept("colours", Calibration(scale, shift), 40, 20, "now"))
        return Calibration(scale, shift)

    return write


def confidences(dataset, field="e3m"):
    dataset.reload()
    return np.array(dataset.values(f"{field}_events.detections.confidence", unwind=True))


def boxes(dataset, field):
    dataset.reload()
    found = dataset.values(f"frames.{field}.detections.confidence", unwind=True)
    return np.array([value for value in found if value is not None])


def record(dataset, summary):
    dataset.reload()
    return calibration_of(dataset.get_run_info(summary.run_key).config)


def review(dataset):
    """Eight events are wrong and corrected, the others are right and accepted."""
    e3m.accept_tubes(dataset, queries=RED[8:])
    for query in WRONG:
        e3m.correct_event(dataset.first(), query, first=1, last=3)


@pytest.mark.slow
def test_reviewed_events_calibrate_the_next_run_and_a_second_fit_agrees(make, ground, kept):
    dataset = make("good")
    first = ground(dataset, RED)
    raw = confidences(dataset)
    assert record(dataset, first) == {
        "version": 1,
        "origin": "none",
        "scale": 1.0,
        "shift": 0.0,
        "fingerprint": "colours, version 1",
    }
    assert "Confidence is not calibrated for this encoder (colours)." in str(first)
    review(dataset)
    report = e3m.calibrate(dataset)
    (outcome,) = report.encoders
    assert (outcome.encoder, outcome.n_events, outcome.n_right) == ("colours", 24, 16)
    assert outcome.before == pytest.approx(raw.mean())
    assert abs(outcome.after - 16 / 24) < abs(outcome.before - 16 / 24)
    assert kept.read()["colours, version 1"].calibration == outcome.calibration

    second = ground(dataset, RED, overwrite=True)
    assert "not calibrated" not in str(second)
    assert record(dataset, second)["origin"] == "fitted"
    assert confidences(dataset) == pytest.approx(outcome.calibration(raw))
    assert confidences(dataset).mean() == pytest.approx(outcome.after)

    dataset.delete_frame_field("accepted")
    dataset.delete_sample_field("accepted_events")
    review(dataset)
    (again,) = e3m.calibrate(dataset).encoders
    assert again.before == pytest.approx(outcome.after)
    assert again.after == pytest.approx(outcome.after, abs=1e-4)
    assert again.calibration.scale == pytest.approx(outcome.calibration.scale, abs=1e-3)
    assert again.calibration.shift == pytest.approx(outcome.calibration.shift, abs=1e-3)


def test_events_boxes_and_not_found_below_follow_the_calibration(make, ground, keep):
    dataset = make("good")
    ground(dataset, RED[:1], field="raw")
    calibration = keep(shift=-2.0)
    ground(dataset, RED[:1], field="lower")
    raw, lower = confidences(dataset, "raw"), confidences(dataset, "lower")
    assert lower == pytest.approx(calibration(raw))
    assert boxes(dataset, "lower") == pytest.approx(calibration(boxes(dataset, "raw")))
    assert dataset.first().lower_confidence == pytest.approx(lower[0])
    between = e3m.E3MConfig(not_found_below=float(raw[0] + lower[0]) / 2)
    ground(dataset, RED[:1], field="strict", config=between)
    dataset.reload()
    assert dataset.first().strict_status == "not_found"


@pytest.mark.slow
def test_another_encoder_and_the_paper_are_left_alone(make, ground, keep, fake_encoder):
    dataset, paper = make("single"), e3m.E3MConfig.preset("paper")
    ground(dataset, RED[:1], field="raw")
    ground(dataset, RED[:1], field="paper_raw", config=paper)
    keep()
    ground(dataset, RED[:1], field="paper", config=paper)
    fake_encoder.fingerprint = "colours, version 2"
    ground(dataset, RED[:1], field="other")
    assert confidences(dataset, "other").tolist() == confidences(dataset, "raw").tolist()
    assert confidences(dataset, "paper").tolist() == confidences(dataset, "paper_raw").tolist()


def test_a_continued_run_does_not_mix_calibrations(make, ground, keep):
    dataset = make("good", "good")
    raw = ground(dataset.limit(1), RED[:1], field="raw")

    def stop(done, total, report):
        e3m.request_stop(dataset, next(key for key in dataset.list_runs() if key != raw.run_key))

    first = ground(dataset, RED[:1], progress=stop)
    keep()
    second = ground(dataset, RED[:1])
    assert (second.run_key, second.skipped) == (first.run_key, 1)
    assert "goes on with the calibration that it began with" in str(second)
    assert record(dataset, second)["origin"] == "none"
    assert confidences(dataset).tolist() == confidences(dataset, "raw").tolist() * 2


def test_a_damaged_file_stops_no_run(make, ground, kept):
    kept.path.write_text("{")
    summary = ground(make("single"), RED[:1])
    assert summary.counts == {"one_frame": 1}
    assert "are damaged" in str(summary)
    assert "This run does without them." in str(summary)


def test_the_preview_shows_the_confidence_that_the_run_will_write(
    make, ground, keep, known_encoder, fake_detector
):
    from fiftyone_e3m.preview import preview
    from fiftyone_e3m.request import Request

    dataset = make("good")
    keep()
    shown = preview(dataset, Request(RED[:1], encoder=known_encoder, detector=fake_detector))
    ground(dataset, RED[:1])
    assert shown.timelines[0].confidence == pytest.approx(confidences(dataset)[0])
    assert not any("calibrated" in note for note in shown.notes)
