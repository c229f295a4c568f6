"""A run that is active: all that it does to the database, from its claim to its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import ParamSpec, TypeVar

from fiftyone.core.collections import SampleCollection

from ..calibration import Applied
from ..request import GroundingError, Request
from ..results import GroundingSummary, Status
from .annotation import offer
from .appearance import set_appearance
from .at_work import AtWork
from .claims import Claim
from .labels import short_labels
from .mending import mend
from .outages import one_server, patiently
from .rates import note_pace
from .reading import labels_of
from .records import continue_run, finish_run, note_prepared, start_run
from .remaining import outcomes_of, unfinished
from .runs import RunEndedError, interrupted_run, is_prepared
from .schema import Fields
from .signals import clear_stop, forget_shares, note_progress, stop_requested, update_progress
from .stored import changing_schema, is_stored, refresh
from .writer import Writer, dataset_deleted, taken_over

P = ParamSpec("P")
T = TypeVar("T")


class ActiveRun(AbstractContextManager["ActiveRun"]):
    """A run with the sole right to its fields, from when it is entered to when it is left.

    Its record comes first, and only then its fields are declared and emptied: whenever it is
    killed, the same request finds the record and goes on. Outages of the database are waited for.

    Args:
        samples: dataset or view.
        request: what to do.
        asked: ids of the samples that it is to be done for.
        token: that of a claim of other tasks that this one shares; None for one of its own.

    Attributes:
        ids: the samples that are left to ground.
        skipped: number of samples that were not left.
        key: of the run record, once the run has started.
        writer: writes outcomes, once the run has started.
        at_work: where the engine notes what it works on, once the run has started; None for a task
            that joins a run of others.
    """

    writer: Writer
    at_work: AtWork | None = None

    def __init__(
        self,
        samples: SampleCollection,
        request: Request,
        asked: list[str],
        token: str | None = None,
    ) -> None:
        self._samples, self._request, self._asked = samples, request, asked
        self._dataset, self._fields = samples._dataset, Fields(request.field)
        self._claim = Claim(self._dataset, request.field, token=token)
        self._labels: dict[str, list[str]] = {}
        self._present: list[str] = []
        self.ids: list[str] = []
        self.skipped, self.key = 0, ""

    @property
    def suspects(self) -> dict[str, int]:
        """How often the run broke off while it worked on a video, by sample id; see `AtWork`."""
        return self.at_work.ends if self.at_work else {}

    def __enter__(self) -> ActiveRun:
        """Claims the fields and finds out what is left to do.

        Raises:
            GroundingError: another run has claimed them, or was faster.
            OutageError: the database does not answer any longer.
        """
        with ExitStack() as stack:
            patiently(stack.enter_context, self._claim)
            patiently(refresh, self._dataset)
            self.ids = patiently(self._left)
            self.skipped = len(self._asked) - len(self.ids)
            self._leave = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Gives the fields back; a run that comes here was not ended by one of its videos."""
        with self._leave:
            if self.at_work:
                self.at_work.leave()

    def start(
        self, applied: Applied, queries: list[list[str]], device: str | None = None
    ) -> Applied:
        """Makes the run record, or finds that of the interrupted run, and prepares the fields.

        Args:
            applied: the calibration of a new run.
            queries: the sentences of each video.
            device: where the models run, for the record.

        Returns:
            The calibration of the run.

        Raises:
            GroundingError: another process does not end its change of the fields.
            RunEndedError: the run was deleted in this moment.
        """
        self._labels = {
            f"frames.{self._fields.tube}": [
                name for asked in queries for name in short_labels(asked)
            ],
            self._fields.events: [query for asked in queries for query in asked],
        }
        return patiently(self._start, applied, max(map(len, queries), default=0) > 1, device)

    def note(self, done: int) -> None:
        """Tells other processes how many of the videos are done.

        Raises:
            RunEndedError: the dataset was deleted.
            OutageError: the database does not answer any longer.
        """
        self._safely(update_progress, self._dataset, self.key, done)

    def outcomes(self, ids: list[str]) -> list[tuple[str, Status, str]]:
        """Id, status and message of each of these videos that has a status by now.

        Raises:
            RunEndedError: the dataset was deleted.
            OutageError: the database does not answer any longer.
        """
        return self._safely(outcomes_of, self._dataset, self._fields, ids)

    def stop_requested(self) -> bool:
        """Whether the run was asked to stop.

        Raises:
            RunEndedError: the dataset was deleted.
            OutageError: the database does not answer any longer.
        """
        return self._safely(stop_requested, self._dataset, self.key)

    def finish(self, summary: GroundingSummary) -> None:
        """Closes the run record, keeps its pace, and offers the results for annotation.

        Raises:
            GroundingError: another process does not end its change of the fields.
            RunEndedError: the record was deleted.
            OutageError: the database does not answer any longer.
        """
        lengths = [video.length for video in summary.videos]
        self._safely(note_pace, self._dataset, self._request, summary.seconds, lengths)
        self._safely(self._close, summary)
        try:
            self._safely(offer, self._dataset, self._labels)
        except GroundingError as error:
            summary.notices.append(f"The Annotate tab does not offer the tubes: {error}")

    def _start(self, applied: Applied, several_queries: bool, device: str | None) -> Applied:
        mend(self._dataset)
        with one_server():
            with changing_schema(self._dataset):
                applied = self._open(applied, device)
                self._declare(several_queries)
                declared = self._fields.present(self._dataset)
                self.writer = Writer(self._samples, self._request, self._claim, self.key, declared)
            self._prepare()
            if not self._claim.keep():
                raise taken_over(self._fields, self.key)
        return applied

    def _left(self) -> list[str]:
        """Ids of the samples that are left to ground; notes which fields were there before."""
        self._present = self._fields.present(self._dataset)
        return unfinished(self._dataset, self._request, self._asked)

    def _open(self, applied: Applied, device: str | None) -> Applied:
        """Makes the run record or finds it, and says what the claim is for."""
        dataset, settings = self._dataset, self._request.settings
        key = interrupted_run(dataset, settings, self._asked)
        if key is None:
            fields = f"frames.{self._request.frame_boxes}", str(self._request.events_field)
            samples = labels_of(self._samples, self._asked, *fields)
            key = start_run(samples, settings, applied.record, device)
        else:
            forget_shares(dataset, key)  # this run does what its tasks have left
            applied = applied.continuing(continue_run(dataset, key, device))
        self.key = key
        self._own()
        return applied

    def _own(self) -> None:
        if not self._claim.name(self.key):
            raise taken_over(self._fields, self.key)

    def _declare(self, several_queries: bool) -> None:
        self._fields.declare(self._dataset, several_queries)
        set_appearance(self._dataset)

    def _prepare(self) -> None:
        """Empties the fields, and tells how much there is to do."""
        dataset, key = self._dataset, self.key
        self._fields.clear(dataset.select(self.ids), self._present)
        if not is_prepared(dataset, key):
            note_prepared(dataset, key)
        clear_stop(dataset, key)
        self.at_work = AtWork(dataset, key)
        note_progress(dataset, key, self.skipped, len(self._asked))

    def _close(self, summary: GroundingSummary) -> None:
        clear_stop(self._dataset, self.key)
        finish_run(self._dataset, summary)

    def _safely(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls an action on the database, patiently; a deleted dataset has an error of its own."""
        try:
            return patiently(action, *args, **kwargs)
        except (RunEndedError, ConnectionError):
            raise
        except Exception as error:
            if not is_stored(self._dataset):
                raise dataset_deleted(self._dataset) from error
            raise
