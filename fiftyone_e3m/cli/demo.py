"""The command `fiftyone-e3m demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..request import Request
from ..video import Video
from .console import NOT_OK, console, refuse
from .options import PATH
from .running import draw, launch_app, output_folder, run, show
from .tables import truth_table

if TYPE_CHECKING:
    from ..demo import DemoSentence
    from ..review.drawing import Truth


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.", **PATH)] = Path("e3m-demo"),
    everything: Annotated[
        bool,
        typer.Option("--all", help="Ground all annotated sentences, not only those shown."),
    ] = False,
    launch: Annotated[bool, typer.Option(help="Open the FiftyOne App afterwards.")] = False,
) -> None:
    """Grounds sentences in three real videos, and compares with what people see."""
    from ..demo import (
        ANNOTATED,
        BOXES_FIELD,
        DATASET,
        FIELD,
        QUERY_FIELD,
        TRUTH_FIELD,
        VIDEOS,
        DemoError,
        demo_dataset,
    )
    from ..evaluation import evaluate

    output_folder(out)
    videos = ANNOTATED if everything else VIDEOS
    try:
        dataset = demo_dataset(videos)
    except DemoError as error:
        refuse(str(error))
    request = Request(
        query_field=QUERY_FIELD, field=FIELD, boxes_field=BOXES_FIELD, encoder="bundled"
    )
    summary = run(dataset, request)
    pairs = evaluate(dataset, FIELD, TRUTH_FIELD).pairs
    show(summary, truth_table(summary, pairs))
    console.print(
        f"{sum(pair.right for pair in pairs)} of {len(pairs)} sentences are right in time and "
        "object: the vIoU is above .5.",
        highlight=False,
    )
    draw(dataset, summary, out, _truths(videos))
    console.print(
        f"The dataset '{DATASET}' is ready for the App: fiftyone-e3m install-plugin, then "
        f"fiftyone app launch {DATASET}, or make app"
    )
    if launch:
        launch_app(dataset)
    raise typer.Exit(NOT_OK if summary.not_ok else 0)


def _truths(videos: dict[str, tuple[DemoSentence, ...]]) -> dict[tuple[str, str], Truth]:
    """The true tubes by path of the video and sentence."""
    from ..demo import demo_video
    from ..review.drawing import Truth

    truths = {}
    for name, sentences in videos.items():
        video = Video.open(demo_video(name))
        for s in sentences:
            truths[str(video.path), s.text] = Truth((s.first, s.last), s.boxes(video))
    return truths
