"""The commands `fiftyone-e3m benchmark`: published protocols on local datasets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import fiftyone as fo
import typer

from ..candidates import DetectorError
from ..config import E3MConfig
from ..encoders import EncoderError
from ..evaluation.metrics import Ends
from ..grounding import Job
from ..importers import GroundingImporter, HCSTVGImporter, VidSTGImporter
from ..importers.samples import SENTENCES
from ..protocols.datasets import import_once
from ..protocols.protocol import check_results, is_grounded, score
from ..protocols.shards import Shard, ShardResult, file_name, merge, missing_shards, read_results
from ..protocols.table import remarks, tables
from ..request import DEFAULT_ENCODER, GroundingError, Request
from .console import NOT_OK, console, refuse, run_with_progress, say
from .options import PATH, DetectorName, DeviceName, EncoderName, with_config, with_options

OUT = Path("e3m-benchmark")

app = typer.Typer(
    help="Runs a published protocol (import, ground, evaluate) and prints its result table.",
    no_args_is_help=True,
)


def _shard(text: str) -> Shard:
    """Parses a shard such as ``"2/8"``."""
    first, _, n = text.partition("/")
    try:
        shard = int(first), int(n)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a shard. Use 2/8 for the second of 8.") from None
    if not 1 <= shard[0] <= shard[1]:
        raise typer.BadParameter(f"There is no shard {text}. The first of {n} is 1/{n}.")
    return shard


Annotations = Annotated[Path, typer.Option(help="Annotation file.", show_default=False, **PATH)]
Videos = Annotated[
    Path,
    typer.Option(help="Folder of videos; sub-folders are searched.", show_default=False, **PATH),
]


@dataclass(frozen=True)
class Run:
    """The options of a run that do not depend on the benchmark; the help texts describe them."""

    out: Annotated[
        Path, typer.Option(help="Folder for the results, one file per shard.", **PATH)
    ] = OUT
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Store the result in this FiftyOne dataset (default: named after the shard)."
        ),
    ] = None
    field: Annotated[str, typer.Option(help="Name of the tube field.")] = "e3m"
    encoder: EncoderName = DEFAULT_ENCODER
    detector: DetectorName = None
    device: DeviceName = None
    boxes_field: Annotated[
        str | None,
        typer.Option(
            help="Take boxes from this frame field, without a detector; 'gt' gives an upper bound."
        ),
    ] = None
    overwrite: Annotated[bool, typer.Option(help="Replace an earlier result.")] = False
    shard: Annotated[
        Any,
        typer.Option(
            parser=_shard, metavar="K/N", help="Process only the k-th of n parts of the videos."
        ),
    ] = "1/1"
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Process only the first samples; counted before sharding."),
    ] = None
    ends: Annotated[Ends, typer.Option(help="Whether the last frame of an event counts.")] = (
        "inclusive"
    )

    def request(self, config: E3MConfig) -> Request:
        """The grounding request of the run."""
        asked = (self.field, self.boxes_field, self.detector, self.encoder, config, self.overwrite)
        return Request(None, SENTENCES, *asked, device=self.device)


@app.command()
@with_config
@with_options("run", Run)
def hcstvg(annotations: Annotations, videos: Videos, config: E3MConfig, run: Run) -> None:
    """Runs HC-STVG v1 or v2, as determined by the annotations.

    A run that was killed continues when it is started again. Exit code: 0 if all sentences were
    grounded, 1 if some were not or were left out, 2 if the request was refused.
    """
    make = partial(HCSTVGImporter, annotations, videos, run.shard, max_samples=run.limit)
    _run(make, run, config)


@app.command()
@with_config
@with_options("run", Run)
def vidstg(
    annotations: Annotations,
    vidor: Annotated[
        Path, typer.Option(help="VidOR's annotation folder.", show_default=False, **PATH)
    ],
    videos: Videos,
    config: E3MConfig,
    run: Run,
    segments: Annotated[
        Path | None,
        typer.Option(help="Folder for copied segments (default: <out>/segments).", **PATH),
    ] = None,
) -> None:
    """Runs VidSTG: one table for declarative and one for interrogative sentences.

    Video segments are copied: about 46 KB per frame at 640x360. A run that was killed continues
    when it is started again. Exit code: 0 if all sentences were grounded, 1 if some were not or
    were left out, 2 if the request was refused.
    """
    folders = (videos, vidor, segments or run.out / "segments")
    make = partial(VidSTGImporter, annotations, *folders, run.shard, max_samples=run.limit)
    _run(make, run, config)


@app.command()
def report(
    out: Annotated[Path, typer.Argument(help="Folder with the results of shards.", **PATH)] = OUT,
) -> None:
    """Prints the tables for the results of all shards, which may come from several machines.

    Exit code: 0, 1 if shards are missing, or 2 if the request was refused.
    """
    try:
        by_benchmark = read_results(out)
    except GroundingError as error:
        refuse(str(error))
    if not by_benchmark:
        refuse(f"There are no benchmark results in '{out}'.")
    for results in by_benchmark.values():
        _print_tables(results)
    raise typer.Exit(NOT_OK if any(map(missing_shards, by_benchmark.values())) else 0)


def _run(make: Callable[[], GroundingImporter], run: Run, config: E3MConfig) -> None:
    """Runs one shard, and prints the tables for all available shards."""
    try:
        request, importer = run.request(config), make()
        check_results(run.out, importer, request, run.ends)
        stem = Path(file_name(importer.benchmark, importer.shard)).stem
        dataset, imported = import_once(importer, run.dataset or stem)
        say(str(imported))
        _ground(dataset, request)
        result = score(dataset, importer, imported, request, run.ends)
        run.out.mkdir(parents=True, exist_ok=True)
        say(f"results: {result.write(run.out)}")
        _print_tables(read_results(run.out, importer.benchmark)[importer.benchmark])
    except (GroundingError, EncoderError, DetectorError) as error:
        refuse(str(error))
    raise typer.Exit(NOT_OK if result.missing or imported.left_out else 0)


def _ground(dataset: fo.Dataset, request: Request) -> None:
    """Grounds the remaining videos, with a progress bar."""
    if not len(dataset) or (is_grounded(dataset, request) and not request.overwrite):
        return
    job = run_with_progress(lambda: Job(dataset, request))
    say(job.summary.headline)
    for notice in job.summary.notices:
        say(notice, style="yellow")
    if not is_grounded(dataset, request):
        raise GroundingError("The run ended early. Run the same command again to continue.")


def _print_tables(results: list[ShardResult]) -> None:
    """Prints the tables of results that belong together, with notes."""
    merged = merge(results)
    for table in tables(merged):
        console.print(table)
    lines = remarks(merged)
    missing = missing_shards(results)
    if missing:
        names = ", ".join(f"{k}/{n}" for k, n in missing)
        lines.append(f"Shards still missing: {names}. The table covers the others.")
    for line in lines:
        say(line, style="yellow")
