"""The commands `fiftyone-e3m benchmark`: published protocols on datasets that you have."""

from __future__ import annotations

from collections.abc import Callable
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
from ..request import DEFAULT_DETECTOR, DEFAULT_ENCODER, GroundingError, Request
from .console import NOT_OK, console, refuse, run_with_progress
from .options import DetectorName, EncoderName, with_config

OUT = Path("e3m-benchmark")

app = typer.Typer(
    help="Runs a published protocol: import, ground, evaluate; the table beside published rows.",
    no_args_is_help=True,
)


def _shard(text: str) -> Shard:
    """A shard from ``"2/8"``."""
    first, _, n = text.partition("/")
    try:
        shard = int(first), int(n)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no shard. Use 2/8 for the second of 8.") from None
    if not 1 <= shard[0] <= shard[1]:
        raise typer.BadParameter(f"There is no shard {text}. The first of {n} is 1/{n}.")
    return shard


Annotations = Annotated[Path, typer.Option(help="File of annotations.", show_default=False)]
Videos = Annotated[
    Path, typer.Option(help="Folder of videos, in sub-folders or not.", show_default=False)
]
Out = Annotated[Path, typer.Option(help="Folder for the results, a file per shard.")]
DatasetName = Annotated[
    str | None,
    typer.Option(help="Keep the result in this FiftyOne dataset (default: named after the shard)."),
]
Field = Annotated[str, typer.Option(help="Name of the tube field.")]
BoxesField = Annotated[
    str | None,
    typer.Option(help="Frame field to take boxes from instead; 'gt' gives an upper bound."),
]
Overwrite = Annotated[bool, typer.Option(help="Replace an earlier result.")]
ShardOption = Annotated[
    Any, typer.Option(parser=_shard, metavar="K/N", help="Only the k-th of n parts of the videos.")
]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Only the first samples, before they are sharded.")
]
EndsOption = Annotated[Ends, typer.Option(help="Whether the last frame of an event counts.")]


@app.command()
@with_config
def hcstvg(
    annotations: Annotations,
    videos: Videos,
    config: E3MConfig,
    out: Out = OUT,
    dataset: DatasetName = None,
    field: Field = "e3m",
    encoder: EncoderName = DEFAULT_ENCODER,
    detector: DetectorName = DEFAULT_DETECTOR,
    boxes_field: BoxesField = None,
    overwrite: Overwrite = False,
    shard: ShardOption = "1/1",
    limit: Limit = None,
    ends: EndsOption = "inclusive",
) -> None:
    """HC-STVG v1 or v2; the annotations tell which.

    Killed and run again, it goes on where it was. Exits with 0 if all sentences were grounded, 1 if
    some were not or were left out, 2 if it was refused.
    """
    make = partial(HCSTVGImporter, annotations, videos, shard, max_samples=limit)
    asked = (field, boxes_field, detector, encoder, config, overwrite)
    _run(make, Request(None, SENTENCES, *asked), dataset, out, ends)


@app.command()
@with_config
def vidstg(
    annotations: Annotations,
    vidor: Annotated[Path, typer.Option(help="VidOR's folder of annotations.", show_default=False)],
    videos: Videos,
    config: E3MConfig,
    segments: Annotated[
        Path | None, typer.Option(help="Folder for copies of segments (default: <out>/segments).")
    ] = None,
    out: Out = OUT,
    dataset: DatasetName = None,
    field: Field = "e3m",
    encoder: EncoderName = DEFAULT_ENCODER,
    detector: DetectorName = DEFAULT_DETECTOR,
    boxes_field: BoxesField = None,
    overwrite: Overwrite = False,
    shard: ShardOption = "1/1",
    limit: Limit = None,
    ends: EndsOption = "inclusive",
) -> None:
    """VidSTG: a table for declarative and one for interrogative sentences.

    Segments of videos are copied: about 46 KB a frame at 640x360. Killed and run again, it goes on
    where it was. Exits with 0 if all sentences were grounded, 1 if some were not or were left out,
    2 if it was refused.
    """
    copies = segments or out / "segments"
    make = partial(VidSTGImporter, annotations, videos, vidor, copies, shard, max_samples=limit)
    asked = (field, boxes_field, detector, encoder, config, overwrite)
    _run(make, Request(None, SENTENCES, *asked), dataset, out, ends)


@app.command()
def report(
    out: Annotated[Path, typer.Argument(help="Folder with the results of shards.")] = OUT,
) -> None:
    """The tables from the results of all shards; they may come from several machines.

    Exits with 0, with 1 if shards are missing, or with 2 if it was refused.
    """
    try:
        found = read_results(out)
    except GroundingError as error:
        refuse(str(error))
    if not found:
        refuse(f"There are no results of a benchmark in '{out}'.")
    for results in found.values():
        _print_tables(results)
    raise typer.Exit(NOT_OK if any(map(missing_shards, found.values())) else 0)


def _run(
    make: Callable[[], GroundingImporter],
    request: Request,
    name: str | None,
    out: Path,
    ends: Ends,
) -> None:
    """Carries out one shard, and prints the tables of all that are there."""
    try:
        importer = make()
        check_results(out, importer, request, ends)
        stem = Path(file_name(importer.benchmark, importer.shard)).stem
        dataset, imported = import_once(importer, name or stem)
        console.print(str(imported), highlight=False, markup=False)
        _ground(dataset, request)
        result = score(dataset, importer, imported, request, ends)
        out.mkdir(parents=True, exist_ok=True)
        console.print(f"results: {result.write(out)}", highlight=False)
        _print_tables(read_results(out, importer.benchmark)[importer.benchmark])
    except (GroundingError, EncoderError, DetectorError) as error:
        refuse(str(error))
    raise typer.Exit(NOT_OK if result.missing or imported.left_out else 0)


def _ground(dataset: fo.Dataset, request: Request) -> None:
    """Grounds what is left to ground, with a progress bar."""
    if not len(dataset) or (is_grounded(dataset, request) and not request.overwrite):
        return
    job = run_with_progress(lambda: Job(dataset, request))
    console.print(job.summary.headline, highlight=False)
    for notice in job.summary.notices:
        console.print(notice, style="yellow", highlight=False)
    if not is_grounded(dataset, request):
        raise GroundingError("The run ended early. Run the same again to go on.")


def _print_tables(results: list[ShardResult]) -> None:
    """Prints the tables of results that belong together, and what to know to read them."""
    merged = merge(results)
    for table in tables(merged):
        console.print(table)
    lines = remarks(merged)
    missing = missing_shards(results)
    if missing:
        names = ", ".join(f"{k}/{n}" for k, n in missing)
        lines.append(f"Shards still missing: {names}. The table is over the others.")
    for line in lines:
        console.print(line, style="yellow", highlight=False, markup=False)
