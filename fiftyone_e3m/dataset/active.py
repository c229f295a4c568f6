"""A run that is active: all that it does to the database, from its claim to its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import ParamSpec, TypeVar

from fiftyone.core.collections import SampleCollection
from pymongo.errors import ConnectionFailure

from ..calibration import Applied
from ..request import GroundingError, Request
from ..results import Answer, GroundingSummary, Status
from ..video import Video
from .annotation import offer
from .appearance import set_appearance
from .claims import Claim
from .labels import short_labels
from .mending import mend
from .outages import one_server, patiently
from .rates import note_pace
from .reading import labels_of
from .remaining import unfinished
from .runs import (
    RunEndedError,
    continue_run,
    finish_run,
    interrupted_run,
    is_prepared,
    note_prepared,
    run_deleted,
    start_run,
)
from .schema import Fields
from .signals import clear_stop, note_progress, stop_requested
from .source_tracks import SourceTracks
from .stored import changing_schema, is_stored, refresh, stored_fields
from .writing import take_back, write_answers, write_status

P = ParamSpec("P")
T = TypeVar("T")


class SampleDeletedError(LookupError):
    """A sample was deleted from its dataset while a run was to ground it."""


class ActiveRun(AbstractContextManager["ActiveRun"]):
    """A run with the sole right to its fields, from when it is entered to when it is left.

    Its record comes first, and only then its fields are declared and emptied: whenever it is
    killed, the same request finds the record and goes on. Outages of the database are waited for.

    Args:
        samples: dataset or view.
        request: what to do.
        asked: ids of the samples that it is to be done for.

    Attributes:
        ids: the samples that are left to ground.
        key: of the run record, once the run has started.
    """

    def __init__(self, samples: SampleCollection, request: Request, asked: list[str]) -> None:
        self._samples, self._request, self._asked = samples, request, asked
        self._dataset, self._fields = samples._dataset, Fields(request.field)
        self._claim = Claim(self._dataset, request.field)
        self._declared: frozenset[str] = frozenset()
        self._labels: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.key = ""

    def __enter__(self) -> ActiveRun:
        """Claims the fields and finds out what is left to do.

        Raises:
            GroundingError: another run has claimed them, or was faster.
            OutageError: the database does not answer any longer.
        """
        with ExitStack() as stack:
            patiently(stack.enter_context, self._claim)
            patiently(refresh, self._dataset)
            self.ids = patiently(unfinished, self._dataset, self._request, self._asked)
            self._leave = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Gives the fields back."""
        self._leave.close()

    def start(self, applied: Applied, queries: list[list[str]]) -> Applied:
        """Makes the run record, or finds that of the interrupted run, and prepares the fields.

        Args:
            applied: the calibration of a new run.
            queries: the sentences of each video.

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
        return patiently(self._start, applied, max(map(len, queries), default=0) > 1)

    def write(
        self,
        sample_id: str,
        status: Status,
        message: str,
        video: Video | None = None,
        answers: list[Answer] | None = None,
    ) -> None:
        """Writes the outcome of one video, all of it or nothing; the status comes last.

        Raises:
            SampleDeletedError: its sample was deleted.
            RunEndedError: the run can write nothing more.
            OutageError: the database does not answer any longer.
        """
        patiently(self._write, sample_id, status, message, video, answers or [])

    def note(self, done: int) -> None:
        """Tells other processes how many of the videos are done.

        Raises:
            RunEndedError: the dataset was deleted.
            OutageError: the database does not answer any longer.
        """
        self._safely(note_progress, self._dataset, self.key, done, len(self._asked))

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
            RunEndedError: the record was deleted.
            OutageError: the database does not answer any longer.
        """
        lengths = [video.length for video in summary.videos]
        self._safely(note_pace, self._dataset, self._request, summary.seconds, lengths)
        self._safely(clear_stop, self._dataset, self.key)
        self._safely(finish_run, self._dataset, summary)
        try:
            self._safely(offer, self._dataset, self._labels)
        except GroundingError as error:
            summary.notices.append(f"The Annotate tab does not offer the tubes: {error}")

    def _start(self, applied: Applied, several_queries: bool) -> Applied:
        dataset, settings = self._dataset, self._request.settings
        mend(dataset)
        with one_server():
            with changing_schema(dataset):
                key = interrupted_run(dataset, settings, self._asked)
                if key is None:
                    fields = f"frames.{self._request.frame_boxes}", str(self._request.events_field)
                    samples = labels_of(self._samples, self._asked, *fields)
                    key = start_run(samples, settings, applied.record)
                else:
                    applied = applied.continuing(continue_run(dataset, key))
                self.key = key
                if not self._claim.name(key):
                    raise self._taken()
                self._fields.declare(dataset, several_queries)
                set_appearance(dataset)
                self._declared = frozenset(self._fields.present(dataset))
            self._fields.clear(dataset.select(self.ids))
            if not is_prepared(dataset, key):
                note_prepared(dataset, key)
            clear_stop(dataset, key)
            note_progress(dataset, key, len(self._asked) - len(self.ids), len(self._asked))
            if not self._claim.end():
                raise self._taken()
        return applied

    def _write(
        self,
        sample_id: str,
        status: Status,
        message: str,
        video: Video | None,
        answers: list[Answer],
    ) -> None:
        self._check(sample_id)
        with one_server():
            if not self._claim.begin():
                raise self._taken()
            try:
                if video and answers:
                    source = self._source(sample_id)
                    write_answers(self._dataset, self._fields, sample_id, video, answers, source)
                write_status(self._dataset, self._fields, sample_id, status, message)
                self._check(sample_id)
            except ConnectionFailure:
                raise
            except Exception:
                # values of fields that were deleted meanwhile would make the dataset unreadable
                take_back(self._dataset, self._fields, sample_id)
                self._check(sample_id)
                raise
            if not self._claim.end():
                raise self._taken()

    def _source(self, sample_id: str) -> SourceTracks | None:
        """The labels that the boxes of a video come from; None if a detector found them."""
        field = self._request.frame_boxes
        return None if field is None else SourceTracks(self._samples, sample_id, field)

    def _check(self, sample_id: str) -> None:
        """Raises the error for what was deleted, if anything was: the sample, or all of the run."""
        dataset = self._dataset
        if not is_stored(dataset):
            raise self._deleted()
        lost = sorted(self._declared - stored_fields(dataset))
        if not dataset.has_run(self.key):
            raise run_deleted(self.key)
        if lost:
            raise RunEndedError(
                f"{', '.join(lost)} was deleted during the run '{self.key}', so it ended early."
            )
        if not dataset.select(sample_id).count():
            raise SampleDeletedError("The sample was deleted from the dataset during the run.")

    def _safely(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls an action on the database, patiently; a deleted dataset has an error of its own."""
        try:
            return patiently(action, *args, **kwargs)
        except (RunEndedError, ConnectionError):
            raise
        except Exception as error:
            if not is_stored(self._dataset):
                raise self._deleted() from error
            raise

    def _deleted(self) -> RunEndedError:
        name = self._dataset.name
        return RunEndedError(f"The dataset '{name}' was deleted during the run, so it ended early.")

    def _taken(self) -> RunEndedError:
        return RunEndedError(
            f"Another process took '{self._fields.tube}' over, as it was asked to or as this one "
            f"did not answer for a while. The run '{self.key}' ended early."
        )
