"""The values that the form was last sent with: its defaults the next time.

They are kept per dataset and user, in an execution store. A program that calls an operator never
gets them: what it leaves out has the documented default.
"""

from __future__ import annotations

from collections.abc import Sequence

import fiftyone.operators as foo

from ...dataset.signals import STORE
from ...request import sentences
from ..given import Params, given_params
from ..speaking import from_app

OF_ONE_RUN = (
    "start",
    "view_target",
    "overwrite",
    "only_new",
    "path",
    "panel_state",
    "tasks",
    "share",
)
"""Not kept: they are about certain videos, dangerous to repeat, or a button's own."""

SOURCES = {
    "query_field": "query_source",
    "boxes_field": "boxes_source",
    "events_field": "events_source",
}
"""Parameters that name fields of the dataset, each with the one that chooses it."""


def last_values(ctx: foo.ExecutionContext) -> Params:
    """The values that this user last sent on this dataset, as far as its fields are still there."""
    if not from_app(ctx):
        return {}
    values: Params = ctx.store(STORE).get(_key(ctx)) or {}
    there = {*ctx.dataset.get_field_schema(), *(ctx.dataset.get_frame_field_schema() or {})}
    lost = [name for name in SOURCES if not there.issuperset(sentences(values.get(name)))]
    gone = {*lost, *(SOURCES[name] for name in lost)}
    return {name: value for name, value in values.items() if name not in gone}


def last_of(last: Params, name: str, choices: Sequence[str]) -> str:
    """The last value of a choice, or the first choice if that is no longer one."""
    return str(last[name]) if last.get(name) in choices else choices[0]


def keep_values(ctx: foo.ExecutionContext) -> None:
    """Keeps the values of a form that was sent."""
    if from_app(ctx):
        given = (last_values(ctx) | given_params(ctx.params)).items()
        kept = {name: value for name, value in given if name not in OF_ONE_RUN}
        ctx.store(STORE).set(_key(ctx), kept)


def _key(ctx: foo.ExecutionContext) -> str:
    return f"form/{ctx.user_id or 'anybody'}"
