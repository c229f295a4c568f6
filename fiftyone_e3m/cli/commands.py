"""The command `fiftyone-e3m`, assembled from its subcommands."""

from __future__ import annotations

import os

import typer

from . import benchmark, cache
from .calibrate import calibrate
from .demo import demo
from .doctor import doctor
from .evaluate import evaluate
from .ground import ground
from .install import install

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # we report broken videos ourselves, once

app = typer.Typer(
    help="Finds the object that a sentence refers to in a video, and when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command()(ground)
app.command()(demo)
app.command()(evaluate)
app.command()(calibrate)
app.command("install-plugin")(install)
app.command()(doctor)
app.add_typer(benchmark.app, name="benchmark")
app.add_typer(cache.app, name="cache")


def main() -> None:
    """Entry point of the command."""
    app()
