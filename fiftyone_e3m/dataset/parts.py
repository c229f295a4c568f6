"""What a task does of a run: all of it, a share, or the first share of a run that it divides."""

from __future__ import annotations

from fiftyone.core.collections import SampleCollection

from ..request import Request
from .active import ActiveRun
from .remaining import unfinished
from .shared import DividedRun, JoinedRun, left_of_share
from .shares import Division, Share, Sibling
from .siblings import SiblingRun, left_of_sibling

Part = Division | Share | Sibling


def active_run(
    samples: SampleCollection,
    request: Request,
    asked: list[str],
    part: Part | None = None,
) -> ActiveRun:
    """A run that is not active yet.

    Args:
        samples: dataset or view; that of the share, if it is one.
        request: what to do.
        asked: ids of its samples.
        part: whether the run is to be divided, or what this task does of it; None for all of it.
    """
    if isinstance(part, Division):
        return DividedRun(samples, request, asked, part)
    if isinstance(part, Sibling):
        return SiblingRun(samples, request, asked, part)
    if isinstance(part, Share):
        return JoinedRun(samples, request, asked, part)
    return ActiveRun(samples, request, asked)


def left_of(
    samples: SampleCollection,
    request: Request,
    asked: list[str],
    part: Part | None = None,
) -> list[str]:
    """Ids of the samples still to be grounded; see `active_run` and `unfinished`.

    Raises:
        GroundingError: see `unfinished`; or the share is no longer there to be done.
    """
    dataset = samples._dataset
    if isinstance(part, Sibling):
        return left_of_sibling(dataset, request, asked, part)
    if isinstance(part, Share):
        return left_of_share(dataset, request.field, asked, part)
    return unfinished(dataset, request, asked)


def token_of(part: Part | None) -> str | None:
    """That of the claim which a task joins; None if it has to make one."""
    return None if part is None or isinstance(part, Division) else part.token
