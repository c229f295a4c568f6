"""The command `fiftyone-e3m doctor`: checks the installation and suggests fixes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ..calibration import CalibrationError, KeptCalibrations
from ..encoders import (
    BUNDLED,
    DeviceError,
    EncoderError,
    check_encoder,
    chosen_device,
    devices,
)
from ..request import DEFAULT_DETECTOR, DEFAULT_ENCODER
from .check import Check
from .console import NOT_OK, cell, console
from .database import database_check
from .install import PLUGIN_NAME
from .models import DETECTOR, ENCODER, model_checks
from .options import DetectorName, DeviceName
from .running import SCHEDULING


@dataclass(frozen=True)
class Chosen:
    """The models of the runs that are planned.

    Attributes:
        encoder: name of the encoder; None for the default, without which other things work.
        detector: name of the detector; None likewise.
        device: where they run; None as for `ground`.
    """

    encoder: str | None = None
    detector: str | None = None
    device: str | None = None


DEFAULTS = Chosen()


def examine(chosen: Chosen = DEFAULTS) -> Iterator[Check]:
    """Checks everything that a grounding run, the App and the demo need."""
    encoder, detector, device = chosen.encoder, chosen.detector, chosen.device
    yield database_check()
    yield _app()
    yield _plugin()
    yield _device(device)
    yield from model_checks(ENCODER, encoder or DEFAULT_ENCODER, device, encoder is not None)
    if encoder != BUNDLED:
        yield _bundled()
    yield from model_checks(DETECTOR, detector or DEFAULT_DETECTOR, device, detector is not None)
    yield _scheduling()
    yield _calibrations()
    yield _ffprobe()


def _app() -> Check:
    import fiftyone.server

    page = Path(str(fiftyone.server.__file__)).parent / "static" / "index.html"
    detail = (
        "ready" if page.is_file() else f"{page} is missing: pip install --force-reinstall fiftyone"
    )
    return Check("FiftyOne App", page.is_file(), True, detail)


def _plugin() -> Check:
    import fiftyone as fo
    import fiftyone.operators as foo
    import fiftyone.plugins as fop

    plugins = [plugin for plugin in fop.list_plugins(enabled=True) if plugin.name == PLUGIN_NAME]
    if not plugins:
        detail = f"{PLUGIN_NAME} is not in {fo.config.plugins_dir}: fiftyone-e3m install-plugin"
        return Check("plugin", False, False, detail)
    if not foo.operator_exists(f"{PLUGIN_NAME}/ground_videos"):
        detail = f"{plugins[0].directory} does not load; `fiftyone operators list` says why"
        return Check("plugin", False, True, detail)
    return Check("plugin", True, False, f"{PLUGIN_NAME} in {plugins[0].directory}")


def _bundled() -> Check:
    name = f"encoder '{BUNDLED}'"
    try:
        check_encoder(BUNDLED)
    except EncoderError as error:
        return Check(name, False, False, str(error))
    return Check(name, True, False, "installed")


def _device(asked: str | None) -> Check:
    try:
        chosen = chosen_device(asked)
    except DeviceError as error:
        return Check("device", False, True, str(error))
    return Check("device", True, True, f"{', '.join(devices())}; models run on {chosen}")


def _scheduling() -> Check:
    import fiftyone as fo

    if getattr(fo.config, "allow_legacy_orchestrators", True):  # older versions have no such switch
        return Check("Schedule in the App", True, False, "for `fiftyone delegated launch`")
    return Check(
        "Schedule in the App",
        False,
        False,
        f"greyed out. Start the App with {SCHEDULING}=true, as `make app` does, and run `fiftyone "
        "delegated launch` beside it.",
    )


def _calibrations() -> Check:
    kept = KeptCalibrations.default()
    try:
        encoders = [entry.encoder for entry in kept.read().values()]
    except CalibrationError as error:
        return Check("calibrations", False, False, str(error))
    return Check("calibrations", True, False, f"{', '.join(encoders) or 'none'}, in {kept.path}")


def _ffprobe() -> Check:
    path = shutil.which("ffprobe")
    detail = path or (
        "Install ffmpeg. Grounding does not need it; FiftyOne's compute_metadata() and clip "
        "exports do."
    )
    return Check("ffprobe", path is not None, False, detail)


def doctor(
    encoder: Annotated[
        str | None, typer.Option(help="The encoder to check.", show_default=DEFAULT_ENCODER)
    ] = None,
    detector: DetectorName = None,
    device: DeviceName = None,
) -> None:
    """Checks the installation: what is available, what is missing, and how to fix it.

    Of the encoder and the detector: where their weights are, under which licence, and how fast they
    run here. Nothing is downloaded. Exit code: 1 if something is broken that runs need, or an
    encoder, detector or device that was named; weights that have to be downloaded are not.
    """
    table = Table(show_edge=False)
    for heading in ("", "check", "result"):
        table.add_column(heading, overflow="fold")
    missing = False
    for check in examine(Chosen(encoder, detector, device)):
        table.add_row(check.mark, cell(check.name), cell(check.detail))
        missing |= check.required and not check.ok
    console.print(table)
    raise typer.Exit(NOT_OK if missing else 0)
