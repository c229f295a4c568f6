"""Active runs of the tasks of an operation that FiftyOne itself has divided.

Each task knows its own samples alone. Whichever is first makes the run record, for its samples; the
others find it by the parent operation and add theirs. One that comes after the others have ended
opens the record again.
"""

from __future__ import annotations

import fiftyone as fo
from fiftyone.core.collections import SampleCollection

from ..calibration import Applied
from ..request import Request
from .reading import labels_of
from .records import note_prepared, start_run
from .remaining import unfinished, without
from .runs import asked_of, calibration_of, is_prepared, latest_run, runs_of
from .schema import Fields
from .shared import SharedRun
from .shared_records import begin_shares, extend_run
from .shares import Share, ShareGoneError, Sibling, add
from .signals import note_progress, progress_of


class SiblingRun(SharedRun):
    """What a task does of a run that FiftyOne has divided; see `ActiveRun`.

    Args:
        samples: the task's own samples.
        request: what the run does.
        asked: ids of the samples.
        sibling: which task it is.
    """

    def __init__(
        self, samples: SampleCollection, request: Request, asked: list[str], sibling: Sibling
    ) -> None:
        super().__init__(samples, request, asked, sibling.token)
        self._sibling, self._new = sibling, False

    def _left(self) -> list[str]:
        run = _run_of(self._dataset, self._request.field, self._sibling)
        self._new = run is None or not _has_asked(self._dataset, run, self._asked)
        return left_of_sibling(self._dataset, self._request, self._asked, self._sibling)

    def _open(self, applied: Applied, device: str | None) -> Applied:
        dataset, request = self._dataset, self._request
        run = _run_of(dataset, request.field, self._sibling)
        others = [] if run is None else sorted(asked_of(dataset, run) - set(self._asked))
        fields = f"frames.{request.frame_boxes}", str(request.events_field)
        samples = labels_of(self._samples, [*others, *self._asked], *fields)
        if run is None:
            run = start_run(samples, request.settings, applied.record, device)
            begin_shares(dataset, run, self.skipped, self._sibling.parent)
        else:
            self._empty()  # before its samples are those of the run, whose statuses count
            extend_run(dataset, run, samples)
            applied = applied.continuing(calibration_of(dataset.get_run_info(run).config))
        self.key = run
        self._own()
        self.share = Share(run, self._sibling.token, self._sibling.name)
        add(dataset, self.share, self._asked, self._claim.member)
        before = progress_of(dataset, run)
        done = (before.done if before else 0) + (self.skipped if self._new else 0)
        note_progress(dataset, run, done, len(samples))
        return applied

    def _prepare(self) -> None:
        self._empty()
        if not is_prepared(self._dataset, self.key):
            note_prepared(self._dataset, self.key)

    def _empty(self) -> None:
        """Empties the fields of the samples that this task was the first to ground."""
        if self._new:
            present = self._fields.present(self._dataset)
            self._fields.clear(self._dataset.select(self.ids), present)


def left_of_sibling(
    dataset: fo.Dataset, request: Request, asked: list[str], sibling: Sibling
) -> list[str]:
    """Ids of the samples that a task still has to ground, see `unfinished`.

    Raises:
        GroundingError: see `unfinished`.
        ShareGoneError: the run of the parent was asked to stop, or another one wrote into the
            field since.
    """
    run = _run_of(dataset, request.field, sibling)
    if run is None:
        return unfinished(dataset, request, asked)
    latest = latest_run(dataset, request.field)
    if latest is None or latest[0] != run:
        raise ShareGoneError(f"Another run has written into the fields of '{run}' since.")
    if latest[1].asked_to_stop:
        raise ShareGoneError(f"The run '{run}' was asked to stop before this task began.")
    if _has_asked(dataset, run, asked):  # the task is run again
        return without(dataset, asked, Fields(request.field).status)
    return unfinished(dataset, request, asked)


def _run_of(dataset: fo.Dataset, field: str, sibling: Sibling) -> str | None:
    """Key of the run that the tasks of a parent operation do; None if none has begun."""
    runs = runs_of(dataset, field)
    of_parent = (key for key, each in runs if getattr(each, "parent", None) == sibling.parent)
    return next(of_parent, None)


def _has_asked(dataset: fo.Dataset, run: str, asked: list[str]) -> bool:
    """Whether all samples of a task are among those of a run."""
    return asked_of(dataset, run).issuperset(asked)
