"""The commands `fiftyone-e3m ground` and `fiftyone-e3m demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..candidates import DetectorError
from ..config import E3MConfig
from ..encoders import EncoderError
from ..request import DEFAULT_DETECTOR, DEFAULT_ENCODER, EventsRole, GroundingError, Request
from ..results import GroundingSummary
from ..video import Video
from .console import NOT_OK, console, refuse, run_with_progress
from .options import DetectorName, EncoderName, with_config
from .tables import remarks, result_table


@with_config
def ground(
    videos: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False)],
    query: Annotated[list[str], typer.Option("--query", "-q", help="A sentence; may be repeated.")],
    config: E3MConfig,
    dataset: Annotated[
        str | None, typer.Option(help="Store the result in this FiftyOne dataset.")
    ] = None,
    field: Annotated[str, typer.Option(help="Name of the tube field.")] = "e3m",
    encoder: EncoderName = DEFAULT_ENCODER,
    detector: DetectorName = DEFAULT_DETECTOR,
    boxes_field: Annotated[
        str | None,
        typer.Option(help="Take boxes from this frame field of the dataset, without a detector."),
    ] = None,
    events_field: Annotated[
        str | None,
        typer.Option(
            help="Take the time of each sentence from this field of the dataset: temporal "
            "detections with the sentence as label."
        ),
    ] = None,
    events_role: Annotated[
        EventsRole,
        typer.Option(help="These events are exact ('window'), or a 'prior' whose ends are found."),
    ] = "window",
    overwrite: Annotated[bool, typer.Option(help="Replace an earlier result.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder for one picture per video and sentence.")
    ] = None,
    launch: Annotated[bool, typer.Option(help="Open the FiftyOne App afterwards.")] = False,
    cache: Annotated[
        bool, typer.Option(help="Cache boxes, shot cuts and features on disk.")
    ] = True,
) -> None:
    """Grounds sentences in videos: finds the object and the time.

    Exit code: 0 if all videos were grounded, 1 if some were not, 2 if the request was refused.
    """
    import fiftyone as fo

    samples = _samples(videos, dataset)
    request = Request(
        query,
        None,
        field,
        boxes_field,
        detector,
        encoder,
        config,
        overwrite,
        cache=cache,
        events_field=events_field,
        events_role=events_role,
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


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("e3m-demo"),
    launch: Annotated[bool, typer.Option(help="Open the FiftyOne App afterwards.")] = False,
) -> None:
    """Grounds three sentences in a real video, without any download."""
    from ..demo import BOXES_FIELD, DATASET, FIELD, SENTENCES, DemoError, demo_dataset

    try:
        dataset = demo_dataset()
    except DemoError as error:
        refuse(str(error))
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


def _samples(videos: list[Path], name: str | None) -> Any:
    """The videos in a dataset: a persistent one if it has a name, else one for this run only."""
    import fiftyone as fo
    from fiftyone.core.media import VIDEO, get_media_type

    for video in videos:
        if get_media_type(str(video)) != VIDEO:
            refuse(
                f"{video.name} does not have the extension of a video. Pass files such as clip.mp4."
            )
    if name and fo.dataset_exists(name):
        dataset = fo.load_dataset(name)
    else:
        dataset = fo.Dataset(name, persistent=name is not None)
    paths = list(dict.fromkeys(str(video.resolve()) for video in videos))
    existing = set(dataset.values("filepath"))
    new = [fo.Sample(filepath=path) for path in paths if path not in existing]
    if new:
        dataset.add_samples(new, progress=False)
    return dataset.select_by("filepath", paths, ordered=True)


def _run(
    samples: Any, request: Request, truths: dict[str, tuple[int, int]] | None = None
) -> GroundingSummary:
    """Grounds with a progress bar and prints the result table."""
    from ..grounding import Job

    try:
        summary = run_with_progress(lambda: Job(samples, request)).summary
    except (GroundingError, EncoderError, DetectorError) as error:
        refuse(str(error))
    console.print(result_table(summary, truths))
    console.print(summary.headline, highlight=False)
    for remark in [*summary.notices, *remarks(summary)]:
        console.print(remark, style="yellow", highlight=False)
    return summary


def _draw(
    samples: Any,
    summary: GroundingSummary,
    folder: Path,
    truths: dict[str, tuple[int, int]] | None = None,
) -> None:
    from ..review.drawing import draw_answer
    from ..review.timelines import read_timelines

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
