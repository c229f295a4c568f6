"""Fits the calibration of an encoder's confidence to what reviewers accepted and corrected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from fiftyone.core.collections import SampleCollection

from ..calibration import Applied, Calibration, CalibrationError, Kept, KeptCalibrations
from ..dataset.runs import calibration_of, run_of_each
from ..encoders import EncoderError, load_encoder
from ..request import FRAMES, GroundingError
from .ground_truth import check_target
from .grounded import check_whole, readable_grounding
from .judging import JudgedEvent, judged_events


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
    """

    field: str
    encoders: tuple[EncoderCalibration, ...]
    path: Path
    unreviewed: int
    left_out: dict[str, int]

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
        lines += [f"{n} reviewed events were left out: {why}." for why, n in self.left_out.items()]
        if self.unreviewed:
            lines.append(f"{self.unreviewed} events do not count, because nobody reviewed them.")
        if self.fitted:
            lines.append(
                f"Kept in {self.path}. Later runs use it; the confidences in '{self.field}' stay "
                "until the videos are grounded again."
            )
        return "\n".join(lines)


def calibrate(
    samples: SampleCollection, field: str = "e3m", truth: str = "accepted"
) -> CalibrationReport:
    """Makes the confidence of an encoder the share of right answers, from reviewed events.

    An event is reviewed if the ground truth has boxes for its sentence: it was right if its tube
    is the true one, as after `accept_tubes`, or has a vIoU above .5. Otherwise it is reviewed if it
    was corrected: it was right if the original and the corrected event have a tIoU of at least .5.
    What counts is the tube as it was grounded. The fit is `Calibration.fit`, after the calibration
    that the run used was undone, which its record tells.

    The result is kept per encoder in a file in the folder ``E3M_DATA_DIR``, or else in the user's
    data folder, and later runs of `ground` use it. Events of several encoders are fitted apart.

    Args:
        samples: a video dataset or a view of one, which selects videos.
        field: name of the tube field.
        truth: name of the ground-truth field, written by `accept_tubes` or from any other source.

    Returns:
        How many events were right, and the confidence before and after, for each encoder.

    Raises:
        GroundingError: `field` holds no grounding, `truth` cannot be ground truth, no encoder has
            enough reviewed events, or the file cannot be read or written; the message says what is
            missing.
    """
    dataset, truth = samples._dataset, truth.removeprefix(FRAMES)
    check_whole(samples)
    readable_grounding(dataset, field)
    check_target(dataset, truth)
    ids = samples.values("id")
    runs, sources = run_of_each(dataset, field, ids), dict[str, _Source]()
    reviewed: dict[str, list[tuple[_Source, JudgedEvent]]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    unreviewed = 0
    for event in judged_events(dataset, ids, field, truth):
        if event.right is None:
            unreviewed += 1
            continue
        key, config = runs.get(event.sample_id, ("", None))
        source = sources.get(key) or sources.setdefault(key, _source(config))
        if source.problem:
            left_out[source.problem] += 1
        else:
            reviewed[source.fingerprint].append((source, event))
    encoders = {fingerprint: _fit(rows) for fingerprint, rows in reviewed.items()}
    kept = KeptCalibrations.default()
    done = tuple(encoders.values())
    report = CalibrationReport(field, done, kept.path, unreviewed, dict(left_out))
    if not report.fitted:
        raise GroundingError(str(report))
    try:
        for fingerprint, encoder in encoders.items():
            if encoder.calibration:
                kept.keep(fingerprint, encoder.kept(encoder.calibration))
    except CalibrationError as error:
        raise GroundingError(str(error)) from None
    return report


@dataclass(frozen=True)
class _Source:
    """What made an event, by its run record: the encoder, and the calibration that was used.

    `problem` says why its events cannot be used; it is empty if they can.
    """

    encoder: str = ""
    fingerprint: str = ""
    calibration: Calibration = Calibration()  # noqa: RUF009 (immutable)
    problem: str = ""


def _source(config: Any) -> _Source:
    """What a run record says; None stands for no record."""
    if config is None:
        return _Source(problem="no run record tells their encoder")
    settings, applied = config.settings, Applied.from_record(calibration_of(config))
    if not settings["config"].get("contrast"):
        return _Source(problem="without `contrast`, confidence has no absolute scale")
    if settings.get("events_field") and settings["events_role"] == "window":
        return _Source(problem="their time was given, and confidence is about events to be found")
    if applied is None:
        return _Source(problem="another version of fiftyone_e3m computed their confidence")
    name = settings["encoder"]
    fingerprint = applied.fingerprint or _fingerprint(name)
    if fingerprint is None:
        return _Source(problem=f"the encoder '{name}' has no fingerprint to keep a calibration by")
    return _Source(name, fingerprint, applied.calibration)


def _fingerprint(encoder: str) -> str | None:
    """The fingerprint of an encoder by its name, for runs without a cache, which need none."""
    try:
        return getattr(load_encoder(encoder), "fingerprint", None)
    except EncoderError:  # it was given as an object
        return None


def _fit(rows: Sequence[tuple[_Source, JudgedEvent]]) -> EncoderCalibration:
    """The outcome for the reviewed events of one encoder."""
    written = np.array([event.confidence for _, event in rows])
    raw = np.array([float(source.calibration.undo(event.confidence)) for source, event in rows])
    right = np.array([event.right for _, event in rows], bool)
    facts = rows[0][0].encoder, len(rows), int(right.sum()), float(written.mean())
    try:
        calibration = Calibration.fit(raw, right)
    except CalibrationError as error:
        return EncoderCalibration(*facts, problem=str(error))
    return EncoderCalibration(*facts, calibration, float(calibration(raw).mean()))
