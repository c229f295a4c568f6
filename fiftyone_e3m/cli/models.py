"""What `fiftyone-e3m doctor` finds of an encoder and a detector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import candidates, encoders
from ..encoders import Download
from .check import Check
from .trial import NotTriedError, detector_trial, encoder_trial


@dataclass(frozen=True)
class Kind:
    """How a kind of model is looked at; nothing here asks the network.

    Attributes:
        name: encoder or detector.
        check: raises an error with a sentence if there is no such model.
        missing: what has to be downloaded.
        here: the files and folders of the weights.
        licence: what is known of the licences.
        trial: runs the model once, and tells how long it took; or raises `NotTriedError`.
        way_out: what to do without the weights and without a network.
    """

    name: str
    check: Callable[[str], None]
    missing: Callable[[str], Download | None]
    here: Callable[[str], list[Path]]
    licence: Callable[[str], str]
    trial: Callable[[str, str | None], str]
    way_out: str


def _missing_of_encoder(spec: str) -> Download | None:
    """Its weights, or else its tokenizer."""
    return encoders.missing_weights(spec) or encoders.missing_reader(spec)


ENCODER = Kind(
    "encoder",
    encoders.check_model,
    _missing_of_encoder,
    encoders.weights_here,
    encoders.licence_of,
    encoder_trial,
    "use --encoder bundled or a checkpoint file",
)
DETECTOR = Kind(
    "detector",
    candidates.check_model,
    candidates.missing_weights,
    candidates.weights_here,
    candidates.licence_of,
    detector_trial,
    "pass a file to --detector, or use boxes of the dataset with --boxes-field",
)


def model_checks(
    kind: Kind, spec: str, device: str | None = None, required: bool = False
) -> Iterator[Check]:
    """Where the weights of a model are, under which licence, and how fast it is on this machine.

    Args:
        kind: `ENCODER` or `DETECTOR`.
        spec: the name of the model.
        device: where it runs; if it is not there, the model is not tried.
        required: whether an error in it counts.
    """
    name = f"{kind.name} '{spec}'"
    with encoders.offline():
        try:
            kind.check(spec)
        except Exception as error:  # also of a package that is broken
            yield Check(name, False, required, _reason(error))
            return
        missing, licence = kind.missing(spec), f"Licence: {kind.licence(spec)}"
        if missing:
            yield Check(name, False, False, f"{_to_fetch(missing, kind.way_out)} {licence}.")
            return
        yield Check(name, True, False, f"{_on_disk(kind.here(spec))}. {licence}.")
        try:
            encoders.check_device(device)
        except encoders.DeviceError:
            return
        try:
            yield Check(f"trial of this {kind.name}", True, False, kind.trial(spec, device))
        except NotTriedError as error:
            yield Check(f"trial of this {kind.name}", False, False, str(error))
        except Exception as error:  # whatever a model raises would end a run, too
            yield Check(f"trial of this {kind.name}", False, required, _reason(error))


def _to_fetch(missing: Download, way_out: str) -> str:
    return (
        f"{missing.part} not on disk yet: downloaded on first use from {missing.source} "
        f"({missing.size}). Offline, {way_out}."
    )


def _on_disk(places: list[Path]) -> str:
    """Where weights are, and how large."""
    if not places:
        return "its library keeps the weights, or downloads them when the model is loaded"
    return "weights: " + ", ".join(f"{place} ({_megabytes(place):,.1f} MB)" for place in places)


def _megabytes(place: Path) -> float:
    files = place.rglob("*") if place.is_dir() else [place]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def _reason(error: Exception) -> str:
    """The sentence of our own errors, and the kind of any other with it."""
    ours = isinstance(error, encoders.EncoderError | candidates.DetectorError)
    return str(error) if ours else f"{type(error).__name__}: {error}"
