"""Deletion of a grounding from a dataset, and of nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..dataset.annotation import withdraw
from ..dataset.appearance import forget_labels
from ..dataset.claims import Claim, check_unclaimed
from ..dataset.runs import grounding_fields, runs_of
from ..dataset.schema import Fields
from ..dataset.signals import forget, stop_requested
from ..dataset.stored import changing_schema, refresh
from .grounded import check_whole, known_grounding


@dataclass(frozen=True)
class DeleteReport:
    """What `delete_grounding` deletes or has deleted.

    Attributes:
        field: tube field of the grounding.
        n_videos: number of videos that lose their results.
        whole: whether the fields are deleted; if not, they stay for other videos.
        fields: paths of the fields that are deleted, or cleared on the videos.
        runs: keys of the deleted run records.
        spared: paths of fields with a name of the grounding but of another type.
        saved_views: saved views that use a deleted field and may no longer load.
    """

    field: str
    n_videos: int
    whole: bool
    fields: tuple[str, ...]
    runs: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    saved_views: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """What is deleted and what is kept, without a verb."""
        names = ", ".join(self.fields) or "no field"
        if self.whole:
            text = f"{names} of {self.n_videos} videos, and {len(self.runs)} run records."
        else:
            text = f"the values of {names} on {self.n_videos} videos; other videos keep theirs."
        if self.spared:
            text += f" Kept, because no grounding run wrote it: {', '.join(self.spared)}."
        if self.saved_views:
            text += f" Saved views that use the fields: {', '.join(self.saved_views)}."
        return text

    def __str__(self) -> str:
        return f"Deleted: {self.what}"


def delete_grounding(samples: SampleCollection, field: str = "e3m") -> DeleteReport:
    """Deletes a grounding from a dataset, or from the videos of a view.

    For a dataset, the fields and run records are deleted. For a view, the values are cleared on its
    videos, and the fields and records stay for the other videos; if no other video has values,
    fields and records are deleted as well.

    Args:
        samples: a video dataset or a view of one, which selects videos.
        field: name of the tube field.

    Returns:
        What was deleted.

    Raises:
        GroundingError: `field` holds no grounding, or a run into it is active; nothing was deleted.
    """
    preview_deletion(samples, field)
    dataset = samples._dataset
    with Claim(dataset, field, stopping=_stopping(dataset, field)):
        refresh(dataset)
        report = _report(samples, field)
        of_frames = [path.removeprefix("frames.") for path in report.fields if _in_frames(path)]
        of_samples = [path for path in report.fields if not _in_frames(path)]
        if report.whole:
            with changing_schema(dataset):
                for key in report.runs:
                    dataset.delete_run(key)
                    forget(dataset, key)
                withdraw(dataset, report.fields)
                dataset.delete_frame_fields(of_frames)
                dataset.delete_sample_fields(of_samples)
                forget_labels(dataset, report.fields)
        else:
            view = dataset.select(samples.values("id"))
            view.clear_frame_fields(of_frames)
            view.clear_sample_fields(of_samples)
    return report


def preview_deletion(samples: SampleCollection, field: str = "e3m") -> DeleteReport:
    """What `delete_grounding` would delete; changes nothing.

    Raises:
        GroundingError: `field` holds no grounding, or a run into it is active.
    """
    report = _report(samples, field)
    check_unclaimed(samples._dataset, field, _stopping(samples._dataset, field))
    return report


def _report(samples: SampleCollection, field: str) -> DeleteReport:
    check_whole(samples)
    dataset = samples._dataset
    fields = known_grounding(dataset, field)
    others = {path for name in grounding_fields(dataset) - {field} for path in Fields(name).types}
    spared = fields.mistyped(dataset)
    paths = [p for p in fields.present(dataset) if p not in others and p not in spared]
    view = dataset.select(samples.values("id"))
    whole = len(view) == len(dataset) or all(view.count(p) == dataset.count(p) for p in paths)
    return DeleteReport(
        field=field,
        n_videos=view.count(fields.status) if fields.status in paths else 0,
        whole=whole,
        fields=tuple(paths),
        runs=tuple(key for key, _ in runs_of(dataset, field)) if whole else (),
        spared=tuple(spared),
        saved_views=tuple(_saved_views(dataset, paths)) if whole else (),
    )


def _stopping(dataset: fo.Dataset, field: str) -> set[str]:
    """The runs that were asked to stop, and so need not have ended before a deletion."""
    return {key for key, _ in runs_of(dataset, field) if stop_requested(dataset, key)}


def _in_frames(path: str) -> bool:
    return path.startswith("frames.")


def _saved_views(dataset: fo.Dataset, paths: list[str]) -> list[str]:
    """Names of the saved views that use any of the fields."""
    names = "|".join(path.removeprefix("frames.") for path in paths)
    mention = re.compile(rf"\b({names})\b")
    views = dataset._doc.get_saved_views()
    return [view.name for view in views if names and mention.search(" ".join(view.view_stages))]
