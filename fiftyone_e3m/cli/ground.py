"""The command `fiftyone-e3m ground`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ..config import E3MConfig
from ..request import (
    DEFAULT_ENCODER,
    EngineName,
    EventsRole,
    GroundingError,
    RayOptions,
    Request,
)
from ..texts import is_whole
from .console import NOT_OK, refuse
from .options import PATH, DetectorName, DeviceName, EncoderName, with_config
from .running import draw, launch_app, output_folder, run, show
from .tables import result_table

URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


@with_config
def ground(
    videos: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False, **PATH)],
    query: Annotated[list[str], typer.Option("--query", "-q", help="A sentence; may be repeated.")],
    config: E3MConfig,
    dataset: Annotated[
        str | None, typer.Option(help="Store the result in this FiftyOne dataset.")
    ] = None,
    field: Annotated[str, typer.Option(help="Name of the tube field.")] = "e3m",
    encoder: EncoderName = DEFAULT_ENCODER,
    detector: DetectorName = None,
    device: DeviceName = None,
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
        Path | None, typer.Option(help="Folder for one picture per video and sentence.", **PATH)
    ] = None,
    launch: Annotated[bool, typer.Option(help="Open the FiftyOne App afterwards.")] = False,
    cache: Annotated[
        bool, typer.Option(help="Cache boxes, shot cuts and features on disk.")
    ] = True,
    engine: Annotated[
        EngineName, typer.Option(help="Work in this process, or in workers of a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(help="Address of a running Ray cluster; without, one is started here."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Ray workers; without, as many as the cluster has room for.")
    ] = None,
) -> None:
    """Grounds sentences in videos: finds the object and the time.

    Exit code: 0 if all videos were grounded, 1 if some were not, 2 if the request was refused.
    """
    import fiftyone as fo

    _check_files(videos)
    for option, value in {"--address": address, "--workers": workers}.items():
        if engine == "local" and value is not None:
            refuse(f"{option} {value} is for Ray. Add --engine ray, or leave it out.")
    try:
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
            engine=engine,
            ray=RayOptions(address=address, num_workers=workers),
            device=device,
        )
    except GroundingError as error:
        refuse(str(error))
    if pictures:
        output_folder(pictures)
    samples = _samples(videos, dataset)
    try:
        summary = run(samples, request)
        show(summary, result_table(summary))
        if pictures:
            draw(samples, summary, pictures, overwrite=overwrite)
        if launch:
            launch_app(samples._dataset)
    finally:
        if dataset is None:
            fo.delete_dataset(samples._dataset.name)
    raise typer.Exit(NOT_OK if summary.not_ok else 0)


def _check_files(videos: list[Path]) -> None:
    """Refuses files that are none, before models are loaded.

    One that is missing beside others does not stop them; it is reported with the results.
    """
    from fiftyone.core.media import VIDEO, get_media_type

    for video in videos:
        if URL.match(str(video)):
            refuse(f"{video} is an address. Download the video and pass the file.")
        if not is_whole(str(video)):
            refuse(f"{video} has a name that is not UTF-8. Rename the file.")
        if get_media_type(str(video)) != VIDEO:
            refuse(
                f"{video.name} does not have the extension of a video. Pass files such as clip.mp4."
            )
    if not any(map(os.path.lexists, videos)):
        refuse(f"{videos[0]} does not exist. Correct the path.")


def _samples(videos: list[Path], name: str | None) -> Any:
    """The videos in a dataset: a persistent one if it has a name, else one for this run only."""
    import fiftyone as fo

    if name and fo.dataset_exists(name):
        dataset = fo.load_dataset(name)
    else:
        dataset = fo.Dataset(name, persistent=name is not None)
    paths = list(dict.fromkeys(os.path.abspath(video) for video in videos))
    existing = set(dataset.values("filepath"))
    new = [fo.Sample(filepath=path) for path in paths if path not in existing]
    if new:
        dataset.add_samples(new, progress=False)
    return dataset.select_by("filepath", paths, ordered=True)
