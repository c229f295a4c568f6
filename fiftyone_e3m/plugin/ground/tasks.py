"""A scheduled run that several tasks do together: each is an operation that a worker takes.

That FiftyOne itself divides an operation is a matter of its Enterprise edition; such tasks are
`Sibling`. Without it, the first task makes the run record and prepares the fields, and then queues
the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial

import fiftyone as fo
import fiftyone.operators as foo
from fiftyone.core.collections import SampleCollection
from fiftyone.operators import types
from fiftyone.operators.delegated import DelegatedOperationService
from pymongo.errors import PyMongoError

from ...dataset.leaving import give_up
from ...dataset.parts import Part
from ...dataset.runs import RunEndedError
from ...dataset.shares import Division, Share, ShareGoneError, Sibling, ids_of
from ...request import GroundingError, Request
from ..given import Params, given_number, given_params, given_settings
from .parameters import device_of

TASKS, SHARE = "tasks", "share"
"""Parameters: the number of tasks, and of a task that was queued here, what it does."""
MOST = 64
CARRIED = ("dataset_id", "dataset_name", "delegation_target", "query_performance", "user_id")
"""What a queued task takes over of the request of the one that queues it."""

logger = logging.getLogger(__name__)


def ask_tasks(inputs: types.Object) -> None:
    """Asks for the number of tasks."""
    inputs.int(
        TASKS,
        label="Tasks",
        description="If you schedule the run: into how many operations it is divided. As many "
        "'fiftyone delegated launch' can work on it at once.",
        default=1,
        min=1,
        max=MOST,
    )


def part_of(ctx: foo.ExecutionContext) -> Part | None:
    """What an operation does of a run: a share, the first of several shares, or all of it.

    Raises:
        GroundingError: the parameters have the wrong type or exclude each other, or the run was
            not scheduled.
    """
    params = given_params(ctx.params)
    n_tasks = given_number(params, TASKS, 1, MOST, default=1)
    joined = joined_part(ctx)
    if isinstance(joined, Sibling) and (n_tasks > 1 or params.get("start") == "continue"):
        raise GroundingError(
            "FiftyOne has divided this run itself. Leave 'Tasks' at 1; and instead of continuing a "
            "run, ground only videos that are not grounded yet."
        )
    if joined is not None or n_tasks == 1:
        return joined
    if not ctx.delegated:
        what = f"{n_tasks} tasks are done by workers of FiftyOne, so the run has to be scheduled."
        raise GroundingError(
            f"{what} Request delegated execution, or leave out 'tasks'.",
            f"{what} Choose 'Schedule' instead of 'Execute', or set 'Tasks' to 1.",
        )
    return Division(n_tasks, partial(_queue, ctx))


def joined_part(ctx: foo.ExecutionContext) -> Share | Sibling | None:
    """The part of a run that others take part in already, or may; None if there are no others.

    Raises:
        GroundingError: the parameter is no share.
    """
    return given_share(given_params(ctx.params)) or _sibling(ctx)


def _sibling(ctx: foo.ExecutionContext) -> Sibling | None:
    """The task of an operation that FiftyOne itself has divided, as its Enterprise edition does.

    Stages of a pipeline have a parent as well; they do the same samples, one after the other.
    """
    queue, mine = DelegatedOperationService(), ctx.request_params.get("run_doc")
    operation = queue.get(mine) if ctx.delegated and mine else None
    parent_id = getattr(operation, "parent_id", None)  # FiftyOne before 1.22 may not have it
    if operation is None or parent_id is None:
        return None
    pipeline = getattr(queue.get(parent_id), "pipeline", None)
    return Sibling(str(parent_id), str(operation.id)) if pipeline is None else None


def given_share(params: Params) -> Share | None:
    """The share that an operation was queued for; None if it is for a run.

    Raises:
        GroundingError: it is no share.
    """
    given = given_settings(params, SHARE)
    if not given:
        return None
    run, token, name = (given.get(key) for key in ("run", "token", "name"))
    if not (isinstance(run, str) and isinstance(token, str) and isinstance(name, str)):
        raise GroundingError(
            "share is set for tasks that a run has queued. Leave it out, and give 'tasks'."
        )
    return Share(run, token, name)


def share_of(dataset: fo.Dataset, share: Share, params: Params) -> tuple[SampleCollection, Request]:
    """The videos of a share, and the request of its run.

    Raises:
        ShareGoneError: the run is over.
    """
    if not dataset.has_run(share.run):
        raise ShareGoneError(f"The run '{share.run}' was deleted, and its tasks with it.")
    view = dataset.load_run_view(share.run).select(ids_of(dataset, share))
    settings = dataset.get_run_info(share.run).config.settings
    return view, replace(Request.from_settings(settings), device=device_of(params))


@contextmanager
def given_up_on_error(ctx: foo.ExecutionContext) -> Iterator[None]:
    """Sees to it that a run does not wait for a task that has failed."""
    try:
        yield
    except GeneratorExit:
        raise
    except BaseException:
        share = given_share(given_params(ctx.params))
        if share:
            try:
                give_up(ctx.dataset, share)
            except (GroundingError, RunEndedError, PyMongoError) as error:
                logger.warning("Task %s of '%s': %s", share.name, share.run, error)
        raise


def _queue(ctx: foo.ExecutionContext, share: Share) -> None:
    """Queues the operation that does a share."""
    params = {SHARE: asdict(share)}
    device = given_params(ctx.params).get("device")
    request = {name: ctx.request_params[name] for name in CARRIED if name in ctx.request_params}
    request |= {"delegated": True, "params": params | ({"device": device} if device else {})}
    DelegatedOperationService().queue_operation(
        operator=ctx.operator_uri,
        label=f"Ground videos: task {share.name} of '{share.run}'",
        delegation_target=ctx.delegation_target,
        context={"request_params": request},
    )
