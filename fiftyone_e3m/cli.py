"""The command line `fiftyone-e3m`."""

from __future__ import annotations

import os
import typing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .candidates import DetectorError
from .cli_benchmark import app as benchmark_app
from .cli_cache import app as cache_app
from .cli_options import with_config
from .config import E3MConfig
from .encoders import EncoderError
from .evaluation.metrics import Ends, TimedBoxes, tiou
from .request import DEFAULT_DETECTOR, DEFAULT_ENCODER, GroundingError, Request
from .results import GroundingSummary, VideoReport
from .video import Video

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # broken videos are reported by us, once

NOT_OK, REFUSED = 1, 2

app = typer.Typer(
    help="Finds which object a sentence means in a video, and when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(benchmark_app, name="benchmark")
app.add_typer(cache_app, name="cache")
console = Console()


def main() -> None:
    """Entry point of the command."""
    app()


@app.command()
@with_config
def ground(
    videos: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False)],
    query: Annotated[list[str], typer.Option("--query", "-q", help="A sentence; may be repeated.")],
    config: E3MConfig,
    dataset: Annotated[
        str | None, typer.Option(help="Keep the result in this FiftyOne dataset.")
    ] = None,
    field: Annotated[str, typer.Option(help="Name of the tube field.")] = "e3m",
    encoder: Annotated[
        str,
        typer.Option(
            help="open_clip '<model>/<weights>', 'local-dir:<folder>', 'bf16:' before either, "
            "or 'bundled'."
        ),
    ] = DEFAULT_ENCODER,
    detector: Annotated[
        str, typer.Option(help="ultralytics weights, a path, or 'zoo:<name>'.")
    ] = DEFAULT_DETECTOR,
    boxes_field: Annotated[
        str | None, typer.Option(help="Frame field of the dataset to take boxes from instead.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace an earlier result.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder for a picture per video and sentence.")
    ] = None,
    launch: Annotated[bool, typer.Option(help="Open the FiftyOne App afterwards.")] = False,
    cache: Annotated[bool, typer.Option(help="Remember on disk what was seen.")] = True,
) -> None:
    """Grounds sentences in videos: which object, and when.

    Exits with 0 if all videos were grounded, 1 if some were not, 2 if the request was refused.
    """
    import fiftyone as fo

    samples = _samples(videos, dataset)
    request = Request(
        query, None, field, boxes_field, detector, encoder, config, overwrite, cache=cache
    )
    try:
        summary = _run(samples, request)
        if pictures:
            _draw(samples, summary, pictures)
        if launch:
            _launch(samples._dataset)
    finally:
        if dataset is None:
            fo.delete_dataset(samples._dataset.name)
    raise typer.Exit(NOT_OK if summary.not_ok else 0)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("e3m-demo"),
    launch: Annotated[bool, typer.Option(help="Open the FiftyOne App afterwards.")] = False,
) -> None:
    """Grounds three sentences in a real video, without any download."""
    from .demo import BOXES_FIELD, DATASET, FIELD, SENTENCES, DemoError, demo_dataset

    try:
        dataset = demo_dataset()
    except DemoError as error:
        _refuse(str(error))
    request = Request(
        query=[sentence.text for sentence in SENTENCES],
        field=FIELD,
        boxes_field=BOXES_FIELD,
        encoder="bundled",
    )
    truths = {sentence.text: (sentence.first, sentence.last) for sentence in SENTENCES}
    samples = dataset.limit(1)
    summary = _run(samples, request, truths)
    _draw(samples, summary, out, truths)
    console.print(
        f"The dataset '{DATASET}' is ready, with {len(dataset) - 1} more videos to ground from the "
        f"App: fiftyone-e3m install-plugin, then fiftyone app launch {DATASET}, or make app"
    )
    if launch:
        _launch(dataset)
    raise typer.Exit(NOT_OK if summary.not_ok else 0)


@app.command()
def evaluate(
    dataset: Annotated[str, typer.Argument(help="Name of a dataset.", show_default=False)],
    pred_field: Annotated[str, typer.Option(help="Field of the predicted tubes.")] = "e3m",
    gt_field: Annotated[
        str, typer.Option(help="Field of the true tubes: boxes, events, or both.")
    ] = "gt",
    eval_key: Annotated[
        str | None, typer.Option(help="Keep the scores in the dataset under this key.")
    ] = None,
    ends: Annotated[
        Ends, typer.Option(help="Whether the last frame of an event counts.")
    ] = "inclusive",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all pairs and scores to this file.")
    ] = None,
) -> None:
    """Scores tubes against ground truth: vIoU, tIoU, and what is missing.

    Exits with 0, or with 2 if the request was refused.
    """
    import fiftyone as fo

    from .evaluation.evaluate import evaluate as score

    if not fo.dataset_exists(dataset):
        there = ", ".join(fo.list_datasets()) or "none"
        _refuse(f"There is no dataset '{dataset}'. Datasets: {there}.")
    if json_file and not json_file.parent.is_dir():
        _refuse(f"There is no folder '{json_file.parent}' to write {json_file.name} into.")
    try:
        results = score(fo.load_dataset(dataset), pred_field, gt_field, eval_key, ends)
    except GroundingError as error:
        _refuse(str(error))
    console.print(str(results), highlight=False, markup=False)
    if json_file:
        json_file.write_text(results.to_json())


@app.command("install-plugin")
def install_plugin(
    copy: Annotated[bool, typer.Option(help="Copy the package instead of linking it.")] = False,
) -> None:
    """Makes the operators appear in the FiftyOne App."""
    import fiftyone as fo

    from .install import install_plugin as install

    try:
        folder = install(Path(fo.config.plugins_dir), copy)
    except FileExistsError as error:
        _refuse(str(error))
    console.print(f"The plugin is in {folder}. Reload the App to see 'Ground videos'.")


@app.command()
def doctor() -> None:
    """Says what is there, what is missing, and what to do about it."""
    from .doctor import examine

    table = Table(show_edge=False)
    for heading in ("", "what", "found"):
        table.add_column(heading, overflow="fold")
    missing = False
    for check in examine():
        mark = "[green]ok" if check.ok else "[red]missing" if check.required else "[yellow]not here"
        table.add_row(mark, check.name, check.detail)
        missing |= check.required and not check.ok
    console.print(table)
    raise typer.Exit(NOT_OK if missing else 0)


def _samples(videos: list[Path], name: str | None) -> Any:
    """The videos in a dataset: a kept one if it has a name, else one for this run only."""
    import fiftyone as fo
    from fiftyone.core.media import VIDEO, get_media_type

    for video in videos:
        if get_media_type(str(video)) != VIDEO:
            _refuse(f"{video.name} is no video by its name. Pass video files, such as clip.mp4.")
    if name and fo.dataset_exists(name):
        dataset = fo.load_dataset(name)
    else:
        dataset = fo.Dataset(name, persistent=name is not None)
    paths = list(dict.fromkeys(str(video.resolve()) for video in videos))
    known = set(dataset.values("filepath"))
    new = [fo.Sample(filepath=path) for path in paths if path not in known]
    if new:
        dataset.add_samples(new, progress=False)
    return dataset.select_by("filepath", paths, ordered=True)


def _run(
    samples: Any, request: Request, truths: dict[str, tuple[int, int]] | None = None
) -> GroundingSummary:
    """Grounds with a progress bar and prints the result table."""
    from .grounding import Job

    with _progress_bar() as bar:
        task = bar.add_task("loading models", total=None)
        try:
            job = Job(samples, request)
        except (GroundingError, EncoderError, DetectorError) as error:
            bar.stop()
            _refuse(str(error))
        bar.update(task, description="grounding", total=len(job))
        for _ in job:
            bar.advance(task)
    console.print(_result_table(job.summary, truths))
    console.print(job.summary.headline, highlight=False)
    remarks = [_remark(video) for video in job.summary.videos if video.message]
    for remark in job.summary.notices + remarks:
        console.print(remark, style="yellow", highlight=False)
    return job.summary


def _remark(video: VideoReport) -> str:
    """A video's message, with its name."""
    name = Path(video.filepath).name
    return video.message if name in video.message else f"{name}: {video.message}"


def _progress_bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True)


def _result_table(summary: GroundingSummary, truths: dict[str, tuple[int, int]] | None) -> Table:
    table = Table(show_edge=False)
    several = len(summary.videos) > 1
    if several:
        table.add_column("video", overflow="fold")
    table.add_column("sentence")
    table.add_column("event", no_wrap=True)
    table.add_column("confidence", no_wrap=True)
    table.add_column("frames with a box", justify="right")
    if truths:
        table.add_column("true frames", no_wrap=True)
        table.add_column("found", no_wrap=True)
    for video in summary.videos:
        name = [Path(video.filepath).name] if several else []
        for answer in video.answers:
            row = [
                *name,
                answer.query,
                f"{answer.start:.1f} - {answer.end:.1f} s" if answer.found else "[yellow]not found",
                f"{answer.confidence:.2f}",
                str(answer.n_boxes),
            ]
            if truths:
                found, truth = (answer.first_frame, answer.last_frame), truths[answer.query]
                row += [f"{truth[0]} - {truth[1]}", _verdict(found, truth)]
            table.add_row(*row)
        if not video.answers:
            table.add_row(*name, f"[yellow]{video.status}")
    return table


def _verdict(found: tuple[int, int], truth: tuple[int, int]) -> str:
    """Whether a found event overlaps the true one by more than half."""
    overlap = tiou(TimedBoxes(*found, {}), TimedBoxes(*truth, {}))
    return "[green]right[/]" if overlap > 0.5 else "[red]wrong[/]"


def _draw(
    samples: Any,
    summary: GroundingSummary,
    folder: Path,
    truths: dict[str, tuple[int, int]] | None = None,
) -> None:
    from .review.pictures import draw_answer
    from .review.timelines import read_timelines

    folder.mkdir(parents=True, exist_ok=True)
    for report in summary.videos:
        timelines = read_timelines(samples._dataset, report.sample_id, summary.field)
        for number, timeline in enumerate(timelines, 1):
            path = folder / f"{Path(report.filepath).stem}_{number}.png"
            truth = (truths or {}).get(timeline.query)
            draw_answer(timeline, Video.open(report.filepath), truth).savefig(path, dpi=100)
            console.print(f"picture of '{timeline.query}': {path}", highlight=False)


def _launch(dataset: Any) -> None:
    import fiftyone as fo

    fo.launch_app(dataset).wait(-1)


def _refuse(message: str) -> typing.NoReturn:
    console.print(message, style="red", highlight=False)
    raise typer.Exit(REFUSED)
