"""The calibrations of a user's encoders, in one JSON file.

Not in the cache: that forgets what was not used for long, and nobody reviews the same events twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from .platt import Calibration, CalibrationError

VERSION = 1
"""Raise it whenever `e3m.confidence` changes: calibrations of another version do not apply."""


@dataclass(frozen=True)
class Kept:
    """A kept calibration.

    Attributes:
        encoder: name of the encoder, for people.
        calibration: the calibration.
        n_events: number of events that it was fitted to.
        n_right: number of them that were right.
        fitted: when, as an ISO time.
    """

    encoder: str
    calibration: Calibration
    n_events: int
    n_right: int
    fitted: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Kept:
        """Reads an entry of the file.

        Raises:
            ValueError: the entry is damaged; `KeyError` and `TypeError` likewise.
        """
        calibration = Calibration(float(entry["scale"]), float(entry["shift"]))
        counts = int(entry["n_events"]), int(entry["n_right"])
        return cls(str(entry["encoder"]), calibration, *counts, str(entry["fitted"]))

    @property
    def entry(self) -> dict[str, Any]:
        """The entry of the file."""
        return {
            "encoder": self.encoder,
            "scale": self.calibration.scale,
            "shift": self.calibration.shift,
            "n_events": self.n_events,
            "n_right": self.n_right,
            "fitted": self.fitted,
        }


@dataclass(frozen=True)
class KeptCalibrations:
    """The file that calibrations are kept in, by fingerprint of the encoder.

    Attributes:
        path: the file, which need not exist.
    """

    path: Path

    @classmethod
    def default(cls) -> KeptCalibrations:
        """The user's file, in the folder E3M_DATA_DIR or else in the user's data folder."""
        folder = os.environ.get("E3M_DATA_DIR") or platformdirs.user_data_dir("fiftyone-e3m")
        return cls(Path(folder).expanduser() / f"calibrations.{VERSION}.json")

    def read(self) -> dict[str, Kept]:
        """All kept calibrations by fingerprint; empty if there is no file.

        Raises:
            CalibrationError: the file is damaged or cannot be read.
        """
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
            return {fingerprint: Kept.of(entry) for fingerprint, entry in entries.items()}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise CalibrationError(
                f"The calibrations in {self.path} cannot be read ({error.strerror}). Make the file "
                "readable, or set E3M_DATA_DIR to another folder."
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalibrationError(
                f"The calibrations in {self.path} are damaged ({type(error).__name__}: {error}). "
                "Correct the file, or remove it and calibrate again."
            ) from None

    def keep(self, fingerprint: str, kept: Kept) -> None:
        """Adds a calibration, or replaces that of the same encoder; others stay.

        The file is written under another name and then moved, so that a killed writer leaves no
        half of it.

        Raises:
            CalibrationError: the file is damaged, or cannot be read or written.
        """
        entries = {name: other.entry for name, other in self.read().items()}
        text = json.dumps({**entries, fingerprint: kept.entry}, indent=2)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            number, half = tempfile.mkstemp(suffix=".tmp", dir=self.path.parent)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    file.write(text + "\n")
                os.replace(half, self.path)
            finally:
                with contextlib.suppress(FileNotFoundError):  # moved into place
                    os.unlink(half)
        except OSError as error:
            raise CalibrationError(
                f"The calibration cannot be kept in {self.path} ({error.strerror}). Set "
                "E3M_DATA_DIR to a writable folder."
            ) from None
