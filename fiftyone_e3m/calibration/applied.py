"""The calibration that a run uses: chosen by its encoder, and kept in its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from inspect import getattr_static
from typing import Any, Literal

from ..encoders import Encoder
from .kept import VERSION, KeptCalibrations
from .platt import Calibration, CalibrationError

Origin = Literal["none", "built in", "fitted"]
"""Where a calibration is from: nowhere, the constants of `e3m.confidence`, or reviewed events."""


@dataclass(frozen=True)
class Applied:
    """What a run does to the confidence of its answers.

    Attributes:
        calibration: changes each confidence.
        origin: where it is from; "none" where the confidence is not calibrated.
        fingerprint: that of the encoder, if it was needed.
        notices: what the user should know, as sentences.
    """

    calibration: Calibration = Calibration()  # noqa: RUF009 (immutable)
    origin: Origin = "none"
    fingerprint: str | None = None
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, encoder: Encoder, contrast: bool, cached: bool) -> Applied:
        """Looks up the calibration of an encoder.

        A fingerprint takes up to seconds, so it is computed only if a calibration is kept or the
        cache needs it anyway. A damaged file costs the calibration, but no run.

        Args:
            encoder: the encoder.
            contrast: whether the confidence has an absolute scale; without, none applies.
            cached: whether the run uses the cache.
        """
        if not contrast:
            return cls(notices=(uncalibrated(encoder.name, contrast),))
        notices: list[str] = []
        try:
            kept = KeptCalibrations.default().read()
        except CalibrationError as error:
            kept = {}
            notices.append(f"{error} This run does without them.")
        fingerprint = getattr(encoder, "fingerprint", None) if kept or cached else None
        if found := kept.get(fingerprint or ""):
            return cls(found.calibration, "fitted", fingerprint)
        if getattr(encoder, "calibrated", False):
            return cls(Calibration(), "built in", fingerprint, tuple(notices))
        notice = uncalibrated(encoder.name)
        if getattr_static(encoder, "fingerprint", None) is None:
            notice += " It cannot be, because the encoder has no `fingerprint`."
        else:
            notice += " Review some events, then run: fiftyone-e3m calibrate <dataset>."
        return cls(Calibration(), "none", fingerprint, (*notices, notice))

    @classmethod
    def from_record(cls, record: Mapping[str, Any] | None) -> Applied | None:
        """What a run record says; None if another version wrote it, whose confidences differ."""
        if record is None or record["version"] != VERSION:
            return None
        calibration = Calibration(record["scale"], record["shift"])
        return cls(calibration, record["origin"], record["fingerprint"])

    @property
    def record(self) -> dict[str, Any]:
        """The entry of a run record, JSON-able."""
        return {
            "version": VERSION,
            "origin": self.origin,
            "scale": self.calibration.scale,
            "shift": self.calibration.shift,
            "fingerprint": self.fingerprint,
        }

    def continuing(self, record: Mapping[str, Any] | None) -> Applied:
        """What a continued run uses: the calibration it began with, as its confidences must agree.

        Args:
            record: the entry of its run record.
        """
        begun = Applied.from_record(record) or Applied()
        if begun.calibration == self.calibration:
            return replace(begun, notices=self.notices)
        notice = (
            "The run goes on with the calibration that it began with, so that its confidences "
            "agree. Its encoder has another one now; to use that, ground the videos again."
        )
        return replace(begun, notices=(notice,))


def uncalibrated(encoder: str, contrast: bool = True) -> str:
    """The sentence that says that confidences are not calibrated.

    Args:
        encoder: name of the encoder.
        contrast: whether the run compared with unrelated sentences.
    """
    if contrast:
        return f"Confidence is not calibrated for this encoder ({encoder})."
    return "Confidence is not calibrated without `contrast`: it has no absolute scale."
