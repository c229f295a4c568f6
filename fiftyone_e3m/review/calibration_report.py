"""What `calibrate` has done, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ..calibration import Calibration, Kept


@dataclass(frozen=True)
class EncoderCalibration:
    """The outcome for one encoder.

    Attributes:
        encoder: its name.
        n_events: number of reviewed events.
        n_right: number of them that were right.
        before: their mean confidence as written, 0..1.
        calibration: the new calibration; None if it could not be fitted.
        after: their mean confidence with it, 0..1.
        problem: why it could not be fitted, as sentences; empty if it was.
    """

    encoder: str
    n_events: int
    n_right: int
    before: float
    calibration: Calibration | None = None
    after: float | None = None
    problem: str = ""

    def kept(self, calibration: Calibration) -> Kept:
        """The entry of the file for its calibration."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return Kept(self.encoder, calibration, self.n_events, self.n_right, now)

    def __str__(self) -> str:
        if self.calibration is None:
            return f"{self.encoder} was not calibrated. {self.problem}"
        return (
            f"{self.encoder}: {self.n_right} of {self.n_events} reviewed events were right, a "
            f"share of {self.n_right / self.n_events:.2f}. Their mean confidence was "
            f"{self.before:.2f} and is {self.after:.2f} with the new calibration (scale "
            f"{self.calibration.scale:.2f}, shift {self.calibration.shift:+.2f})."
        )


@dataclass(frozen=True)
class CalibrationReport:
    """The result of `calibrate`.

    Attributes:
        field: tube field of the grounding.
        encoders: the outcome for each encoder that has reviewed events.
        path: the file in which calibrations are kept.
        unreviewed: number of events that nobody reviewed.
        left_out: number of reviewed events that could not be used, by reason.
        remark: what is unusual about the ground truth, as a sentence, or empty.
    """

    field: str
    encoders: tuple[EncoderCalibration, ...]
    path: Path
    unreviewed: int
    left_out: dict[str, int]
    remark: str = ""

    @property
    def fitted(self) -> list[EncoderCalibration]:
        """The encoders that have a new calibration."""
        return [encoder for encoder in self.encoders if encoder.calibration]

    def __str__(self) -> str:
        lines = [str(encoder) for encoder in self.encoders]
        if not self.encoders:
            lines.append(
                f"No event of '{self.field}' can be used for a calibration. Accept the tubes that "
                "are right, and correct the events that are not."
            )
        left = self.left_out.items()
        lines += [f"Reviewed events that were left out: {n}, because {why}." for why, n in left]
        if self.unreviewed:
            lines.append(f"Events that nobody reviewed, which do not count: {self.unreviewed}.")
        if self.remark:
            lines.append(self.remark)
        if self.fitted:
            lines.append(
                f"Kept in {self.path}. Later runs use it; the confidences in '{self.field}' stay "
                "until the videos are grounded again."
            )
        return "\n".join(lines)
