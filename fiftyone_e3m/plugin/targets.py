"""The videos that an operator applies to; the user must choose "all" explicitly."""

from __future__ import annotations

import fiftyone as fo
import fiftyone.operators as foo
from bson import ObjectId
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types

from ..request import GroundingError
from .given import given_text
from .inputs import ask_choice

OPEN, SELECTED, VIEW = "open", "selected", "view"


def ask_videos(ctx: foo.ExecutionContext, inputs: types.Object) -> SampleCollection | None:
    """Asks for the videos; all videos of a view only if the user chooses that.

    FiftyOne's own target selector falls back to the whole view or dataset.
    """
    videos = _choosable_videos(ctx)
    labels = {
        OPEN: "The open video",
        SELECTED: f"The {len(ctx.selected)} selected videos",
        VIEW: f"All {len(videos[VIEW])} videos of the "
        + ("current view" if ctx.has_custom_view else "dataset"),
    }
    choices = {name: labels[name] for name in videos}
    ask_choice(inputs, "videos", "Videos", choices, _default(videos))
    return chosen_videos(ctx)


def chosen_videos(ctx: foo.ExecutionContext) -> SampleCollection | None:
    """The chosen videos: the parameter `videos`, or else the default of the form."""
    videos = _choosable_videos(ctx)
    return videos.get(given_text(ctx.params, "videos") or _default(videos) or "")


def _default(videos: dict[str, SampleCollection]) -> str | None:
    return next((name for name in (OPEN, SELECTED) if name in videos), None)


def _choosable_videos(ctx: foo.ExecutionContext) -> dict[str, SampleCollection]:
    """The possible choices, by name."""
    videos = {}
    if ctx.current_sample:
        videos[OPEN] = ctx.dataset.select(_sample_ids(ctx, [ctx.current_sample]))
    if ctx.selected:
        videos[SELECTED] = ctx.dataset.select(_sample_ids(ctx, ctx.selected))
    videos[VIEW] = ctx.dataset.select(_sample_ids(ctx, ctx.view.values("id")))
    return videos


def ask_video(ctx: foo.ExecutionContext, inputs: types.Object) -> fo.Sample:
    """Asks for one video where none is open and not exactly one is selected.

    Raises:
        GroundingError: there is no such video, or none is chosen.
    """
    if len(_pointed_at(ctx)) != 1:
        inputs.str(
            "sample_id",
            label="Video",
            description="The id of its sample. Or open the video, or select it.",
            required=True,
        )
    return one_video(ctx)


def one_video(ctx: foo.ExecutionContext) -> fo.Sample:
    """The video of the parameter `sample_id`, or else the open one, or else the only selected one.

    Raises:
        GroundingError: there is no such video, or none is chosen.
    """
    given = given_text(ctx.params, "sample_id")
    if given:
        found = ctx.dataset.select([given]) if ObjectId.is_valid(given) else []
        if not found:
            raise GroundingError(
                f"There is no video with the id '{given}' in '{ctx.dataset.name}'."
            )
        return ctx.dataset[given]
    ids = _pointed_at(ctx)
    if len(ids) != 1:
        raise GroundingError(f"Open a video, or select exactly one; {len(ids)} are selected.")
    return ctx.dataset[ids[0]]


def _pointed_at(ctx: foo.ExecutionContext) -> list[str]:
    return _sample_ids(ctx, [ctx.current_sample] if ctx.current_sample else ctx.selected)


def _sample_ids(ctx: foo.ExecutionContext, ids: list[str]) -> list[str]:
    """Sample ids; if the view shows clips, frames or patches, the ids of their videos."""
    if not ctx.view._is_generated:
        return ids
    return list(dict.fromkeys(ctx.view.select(ids).values("sample_id"))) or ids
