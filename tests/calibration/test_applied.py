"""Tests which calibration a run uses, and that an encoder's weights are not hashed without need."""

import pytest

from fiftyone_e3m.calibration import Applied, Calibration, Kept, KeptCalibrations
from fiftyone_e3m.encoders.bundled import BundledEncoder

FITTED = Calibration(0.8, 0.3)


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("E3M_DATA_DIR", str(tmp_path))
    return KeptCalibrations.default()


@pytest.fixture
def encoder(fake_encoder):
    """An encoder whose fingerprint counts how often it is asked for."""

    class Counting(type(fake_encoder)):
        asked = 0

        @property
        def fingerprint(self):
            self.asked += 1
            return "colours, version 1"

    return Counting()


def keep(kept, fingerprint="colours, version 1"):
    kept.keep(fingerprint, Kept("colours", FITTED, 40, 20, "2026-01-01"))


def test_an_encoder_is_not_calibrated_until_it_is(encoder, kept):
    before = Applied.of(encoder, contrast=True, cached=True)
    assert (before.calibration, before.origin) == (Calibration(), "none")
    assert before.notices == (
        "Confidence is not calibrated for this encoder (colours). Review some events, then run: "
        "fiftyone-e3m calibrate <dataset>.",
    )
    keep(kept, "another encoder")
    assert Applied.of(encoder, contrast=True, cached=True).origin == "none"
    keep(kept)
    after = Applied.of(encoder, contrast=True, cached=False)
    assert after == Applied(FITTED, "fitted", "colours, version 1")


def test_weights_are_hashed_only_for_a_cache_or_a_kept_calibration(encoder, kept):
    assert Applied.of(encoder, contrast=True, cached=False).fingerprint is None
    assert Applied.of(encoder, contrast=False, cached=True).fingerprint is None
    assert encoder.asked == 0
    assert Applied.of(encoder, contrast=True, cached=True).fingerprint == "colours, version 1"
    keep(kept, "another encoder")
    assert Applied.of(encoder, contrast=True, cached=False).fingerprint == "colours, version 1"
    assert encoder.asked == 2


def test_an_encoder_that_the_constants_were_fitted_with_is_calibrated(encoder, kept):
    assert BundledEncoder.calibrated
    encoder.calibrated = True
    built_in = Applied.of(encoder, contrast=True, cached=True)
    assert (built_in.calibration, built_in.origin, built_in.notices) == (
        Calibration(),
        "built in",
        (),
    )
    keep(kept)
    assert Applied.of(encoder, contrast=True, cached=True).calibration == FITTED


def test_an_encoder_without_a_fingerprint_cannot_have_one(fake_encoder, kept):
    keep(kept, "None")
    (notice,) = Applied.of(fake_encoder, contrast=True, cached=True).notices
    assert notice.endswith("It cannot be, because the encoder has no `fingerprint`.")


def test_without_contrast_nothing_applies(encoder, kept):
    keep(kept)
    applied = Applied.of(encoder, contrast=False, cached=True)
    assert (applied.calibration, applied.origin) == (Calibration(), "none")
    assert "not calibrated without `contrast`" in applied.notices[0]


def test_a_damaged_file_costs_the_calibration_and_says_so(encoder, kept):
    kept.path.write_text("{")
    applied = Applied.of(encoder, contrast=True, cached=True)
    assert applied.origin == "none"
    assert "are damaged" in applied.notices[0]
    assert applied.notices[0].endswith("This run does without them.")
    assert "not calibrated for this encoder" in applied.notices[1]


def test_a_record_tells_what_was_applied():
    fitted = Applied(FITTED, "fitted", "abc")
    assert Applied.from_record(fitted.record) == fitted
    assert Applied.from_record(None) is None
    assert Applied.from_record({**fitted.record, "version": 0}) is None


def test_a_continued_run_keeps_its_calibration_and_says_if_there_is_another():
    begun, fitted = Applied(notices=("Not calibrated.",)), Applied(FITTED, "fitted", "abc")
    goes_on = fitted.continuing(begun.record)
    assert (goes_on.calibration, goes_on.origin) == (Calibration(), "none")
    assert "goes on with the calibration that it began with" in goes_on.notices[0]
    assert fitted.continuing(fitted.record) == fitted
    assert begun.continuing(fitted.record).calibration == FITTED
    assert begun.continuing(None) == begun
