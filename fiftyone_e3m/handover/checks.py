"""Checks of a hand-over before any work starts; each error message is a sentence."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..dataset.accepted import accepted_fields
from ..dataset.checks import boxes_fields, check_samples, not_videos
from ..dataset.runs import grounding_fields
from ..paths import file_names
from ..request import GroundingError, check_flag, check_number, check_text
from .formats import FORMATS, WITH_PICTURES

LOOK = 50
"""Number of videos per database query."""


def check_handover(
    samples: SampleCollection,
    field: str,
    tolerance: float,
    format: str | None,  # noqa: A002
    out: Path | None,
    overwrite: bool,
    pictures: bool = False,
) -> None:
    """Checks the arguments of `prepare_for_annotation`.

    Raises:
        GroundingError: an argument is invalid; the message describes the first problem.
    """
    check_samples(samples)
    check_text("field", field)
    check_number("tolerance", tolerance, 0, 1, "an IoU within 0..1")
    if format is not None:
        check_text("format", format)
    check_flag("overwrite", overwrite)
    check_flag("pictures", pictures)
    name = samples._root_dataset.name
    media = samples._root_dataset.media_type
    if media == fo.core.media.GROUP:
        why = f"Only tubes of videos can be prepared, but '{name}' holds groups."
        raise not_videos(why, media)
    if samples.media_type != fo.core.media.VIDEO or samples._is_generated:
        why = (
            "Only tubes of whole videos can be prepared, not those of the clips, frames or images "
            f"of '{name}'."
        )
        raise not_videos(why, samples.media_type)
    available = boxes_fields(samples)
    if field not in available:
        raise GroundingError(
            f"'frames.{field}' is not a frame field of Detections. Such fields: "
            f"{', '.join(available) or 'none'}."
        )
    if format is not None and format not in FORMATS:
        raise GroundingError(f"There is no format '{format}'. Formats: {', '.join(FORMATS)}.")
    if (format is None) != (out is None):
        given, other = ("format", "out") if out is None else ("out", "format")
        raise GroundingError(
            f"Files need a format and a folder: {given} was given, but not {other}. Give both."
        )
    if pictures and format not in WITH_PICTURES:
        raise GroundingError(
            "Pictures belong to the formats coco and mot; CVAT works on the video itself. Leave "
            "out pictures, or choose one of these formats."
        )
    if not _has_boxes(samples, f"frames.{field}.detections"):
        raise GroundingError(
            f"There is no box in 'frames.{field}' of these {len(samples)} videos. Choose others, "
            "or ground them first."
        )
    _check_marks(samples, field, overwrite)
    if format is not None and out is not None:
        names = file_names(samples.values("filepath"))
        _check_folder(out, FORMATS[format].paths(names, pictures), overwrite)


def check_selection(
    samples: SampleCollection, field: str, only_accepted: bool, confidence: float | None
) -> None:
    """Checks the arguments of `prepare_for_annotation` that select tubes.

    Raises:
        GroundingError: an argument is invalid, or the field cannot be selected from.
    """
    check_flag("only_accepted", only_accepted)
    if confidence is not None:
        check_number("confidence", confidence, 0, 1, "a confidence within 0..1")
    if only_accepted and confidence is not None:
        raise GroundingError(
            "Accepted tubes alone, or those from a confidence on: give only_accepted or "
            "confidence, not both."
        )
    if (only_accepted or confidence is not None) and field not in grounding_fields(
        samples._dataset
    ):
        raise GroundingError(
            f"'frames.{field}' was not written by a grounding, so its tubes have no confidence and "
            "all of them are handed over. Leave out only_accepted and confidence."
        )


def _has_boxes(samples: SampleCollection, path: str) -> bool:
    """Whether there is any box; stops at the first batch of videos that has one."""
    starts = range(0, len(samples), LOOK)
    return any(samples.skip(start).limit(LOOK).count(path) for start in starts)


def _check_marks(samples: SampleCollection, field: str, overwrite: bool) -> None:
    path = f"frames.{field}.detections.keyframe"
    ours = grounding_fields(samples._dataset) | accepted_fields(samples._dataset)
    if overwrite or field in ours or not samples.has_field(path):
        return
    n = samples.count_values(path).get(True, 0)
    if n:
        what = f"'frames.{field}' already has {n} keyframes, which no grounding run marked."
        raise GroundingError(
            f"{what} Pass overwrite=True to replace them.", f"{what} Tick 'Replace what is there'."
        )


def _check_folder(out: Path, paths: Sequence[str], overwrite: bool) -> None:
    if not os.path.isdir(out):  # a method of `Path` raises an error for too long a name
        what = "is a file, not a folder" if os.path.exists(out) else "does not exist"
        raise GroundingError(f"'{out}' {what}. Create the folder or choose another.")
    if not os.access(out, os.W_OK | os.X_OK):
        raise GroundingError(f"The folder '{out}' is not writable. Choose another.")
    taken = [path for path in paths if os.path.lexists(out / path)]
    if taken and not overwrite:
        listed = f"{', '.join(taken[:3])}{' ...' if taken[3:] else ''}"
        what = f"'{out}' already has {listed}. Choose another folder, or"
        raise GroundingError(
            f"{what} pass overwrite=True to replace them.", f"{what} tick 'Replace what is there'."
        )
