"""Fits the calibration of an encoder's confidence to what reviewers accepted and corrected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from fiftyone.core.collections import SampleCollection

from ..calibration import Applied, Calibration, CalibrationError, KeptCalibrations
from ..dataset.checks import boxes_fields
from ..dataset.runs import calibration_of, run_of_each
from ..encoders import DeviceError, EncoderError, load_encoder
from ..request import FRAMES, GroundingError, check_text
from .calibration_report import CalibrationReport, EncoderCalibration
from .ground_truth import check_target
from .grounded import check_whole, readable_grounding
from .judging import JudgedEvent, judged_events


def calibrate(
    samples: SampleCollection, field: str = "e3m", truth: str = "accepted"
) -> CalibrationReport:
    """Makes the confidence of an encoder the share of right answers, from reviewed events.

    An event is reviewed if the ground truth has boxes for its sentence: it was right if its tube
    is the true one, as after `accept_tubes`, and was not rejected, or if the vIoU with another true
    tube is above .5. Otherwise it is reviewed if it was rejected, and so was wrong, or if it was
    corrected: it was right if the original and the corrected event have a tIoU of at least .5, and
    their tubes are of the same object. What counts is the tube as it was grounded. The fit is
    `Calibration.fit`, after the calibration that the run used was undone, which its record tells.

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
    check_whole(samples)
    check_text("truth", truth)
    dataset, truth = samples._dataset, truth.removeprefix(FRAMES)
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
    done, remark = tuple(encoders.values()), ""
    if truth not in boxes_fields(dataset):
        remark = f"There are no boxes in 'frames.{truth}', so only corrected events count."
    report = CalibrationReport(field, done, kept.path, unreviewed, dict(left_out), remark)
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
        return _Source(problem="their confidence has no absolute scale without `contrast`")
    if settings.get("events_field") and settings["events_role"] == "window":
        return _Source(problem="their time was given, not found")
    if applied is None:
        return _Source(problem="another version of fiftyone_e3m computed their confidence")
    name = settings["encoder"]
    fingerprint = applied.fingerprint or _fingerprint(name)
    if fingerprint is None:
        return _Source(
            problem=f"no fingerprint of the encoder '{name}' is known to keep a calibration by; if "
            "it has one, ground with a cache"
        )
    return _Source(name, fingerprint, applied.calibration)


def _fingerprint(encoder: str) -> str | None:
    """The fingerprint of an encoder by its name, for runs without a cache, which need none."""
    try:
        return getattr(load_encoder(encoder), "fingerprint", None)
    except EncoderError:  # it was given as an object
        return None
    except DeviceError as error:
        raise GroundingError(str(error)) from None


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
