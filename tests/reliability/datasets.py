"""Kinds of datasets and views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import fiftyone as fo
from fiftyone import ViewField as F

from .table import REFUSED, REST, Case


@dataclass(frozen=True, kw_only=True)
class DatasetCase(Case):
    """A kind of dataset or view.

    Attributes:
        make: makes it of the path of a healthy video; adds what is to be deleted to a list.
        in_app: whether the App can show it.
    """

    make: Callable[[str, list[fo.Dataset]], Any]
    in_app: bool = True


def _of(samples: list[fo.Sample], made: list[fo.Dataset]) -> fo.Dataset:
    made.append(fo.Dataset())
    made[-1].add_samples(samples, progress=False)
    return made[-1]


def videos(path: str, made: list[fo.Dataset]) -> fo.Dataset:
    """A dataset of one healthy video, with boxes, events and metadata of nothing."""
    sample = fo.Sample(filepath=path, caption="a red box")
    event = fo.TemporalDetection(label="a red box", support=[3, 6])
    sample["events"] = fo.TemporalDetections(detections=[event])
    for number in (3, 4):
        box = fo.Detection(label="box", bounding_box=[0.25, 0.25, 0.5, 0.5])
        sample.frames[number] = fo.Frame(given=fo.Detections(detections=[box]))
    return _of([sample], made)


def images(path: str, made: list[fo.Dataset]) -> fo.Dataset:
    """A dataset of an image."""
    return _of([fo.Sample(filepath="/nowhere/a.jpg")], made)


def groups(path: str, made: list[fo.Dataset]) -> fo.Dataset:
    """A dataset of groups of videos."""
    made.append(fo.Dataset())
    made[-1].add_group_field("group", default="left")
    group = fo.Group()
    made[-1].add_samples([fo.Sample(filepath=path, group=group.element("left"))], progress=False)
    return made[-1]


def deleted(path: str, made: list[fo.Dataset]) -> fo.Dataset:
    """A dataset that was deleted."""
    dataset = videos(path, [])
    dataset.delete()
    return dataset


TYPE = "it must be a dataset or a view of one. fo.load_dataset(name) opens a dataset."


def holding(what: str) -> str:
    """The sentence about something that holds no whole videos."""
    return f"Grounding needs whole videos, but '{REST}' holds {what}."


DATASETS = (
    DatasetCase(what="dataset without metadata", outcome="ok", make=videos),
    DatasetCase(
        what="view that selects fields",
        outcome="ok",
        make=lambda path, made: videos(path, made).select_fields("caption"),
    ),
    DatasetCase(
        what="view that excludes fields",
        outcome="ok",
        make=lambda path, made: videos(path, made).exclude_fields(["caption", "events"]),
    ),
    DatasetCase(
        what="view of some frames only",
        outcome="ok",
        make=lambda path, made: videos(path, made).match_frames(F("frame_number") < 4),
    ),
    DatasetCase(
        what="empty dataset",
        outcome=REFUSED,
        says=holding("nothing"),
        make=lambda path, made: _of([], made),
    ),
    DatasetCase(
        what="empty view",
        outcome="",
        make=lambda path, made: videos(path, made).limit(0),
    ),
    DatasetCase(what="images", outcome=REFUSED, says=holding("images"), make=images),
    DatasetCase(
        what="groups",
        outcome=REFUSED,
        says=holding("groups"),
        make=groups,
    ),
    DatasetCase(
        what="clips",
        outcome=REFUSED,
        says=holding("clips"),
        make=lambda path, made: videos(path, made).to_clips("events"),
    ),
    DatasetCase(
        what="frames",
        outcome=REFUSED,
        says=holding("images"),
        make=lambda path, made: videos(path, made).to_frames(sample_frames=False),
    ),
    DatasetCase(
        what="patches of frames",
        outcome=REFUSED,
        says=holding("images"),
        make=lambda path, made: (
            videos(path, made).to_frames(sample_frames=False).to_patches("given")
        ),
    ),
    DatasetCase(
        what="deleted dataset",
        outcome=REFUSED,
        says=f"The dataset '{REST}' was deleted. Open another one.",
        make=deleted,
        in_app=False,
    ),
    DatasetCase(
        what="nothing (None)",
        outcome=REFUSED,
        says=f"samples is None, but {TYPE}",
        make=lambda path, made: None,
        in_app=False,
    ),
    DatasetCase(
        what="a name instead of a dataset",
        outcome=REFUSED,
        says=f"samples is 'my dataset', but {TYPE}",
        make=lambda path, made: "my dataset",
        in_app=False,
    ),
    DatasetCase(
        what="a list of paths instead of a dataset",
        outcome=REFUSED,
        says=f"samples is {REST} (list), but {TYPE}",
        make=lambda path, made: [path],
        in_app=False,
    ),
    DatasetCase(
        what="a sample instead of a dataset",
        outcome=REFUSED,
        says=f"samples is a Sample, but {TYPE}",
        make=lambda path, made: videos(path, made).first(),
        in_app=False,
    ),
)
"""Kinds of datasets; the command line makes its own."""
