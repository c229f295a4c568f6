"""Writes the outcomes of a run: one video at a time, by the process that grounded it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import fiftyone as fo
from fiftyone.core.collections import SampleCollection
from pymongo.errors import ConnectionFailure

from ..request import Request
from ..results import Answer, Status
from ..video import Video
from .claims import Claim
from .outages import one_server, patiently
from .runs import RunEndedError, run_deleted
from .schema import Fields
from .source_tracks import SourceTracks
from .stored import refresh, stored
from .writing import take_back, write_answers, write_status


class SampleDeletedError(LookupError):
    """A sample was deleted from its dataset while a run was to ground it."""


@dataclass(frozen=True)
class Pass:
    """What another process needs to write for a run; it can be pickled.

    Attributes:
        key: the run.
        token: that of its claim on the fields.
        declared: paths of the fields that the run declared.
    """

    key: str
    token: str
    declared: frozenset[str]


class Writer:
    """Writes for a run that has claimed and declared its fields.

    Args:
        samples: dataset or view that the run is for.
        request: what it does.
        claim: its claim.
        key: its key.
        declared: paths of the fields that it declared.
    """

    def __init__(
        self,
        samples: SampleCollection,
        request: Request,
        claim: Claim,
        key: str,
        declared: Collection[str],
    ) -> None:
        self._samples, self._dataset = samples, samples._dataset
        self._request, self._fields = request, Fields(request.field)
        self._claim, self._key, self._declared = claim, key, frozenset(declared)

    @classmethod
    def of(cls, samples: SampleCollection, request: Request, handed: Pass) -> Writer:
        """The writer of a process that was handed the pass of a run."""
        refresh(samples._dataset)  # which knows nothing of the fields that the run declared
        claim = Claim(samples._dataset, request.field, token=handed.token)
        return cls(samples, request, claim, handed.key, handed.declared)

    @property
    def handed(self) -> Pass:
        """The pass with which other processes write for this run."""
        return Pass(self._key, self._claim.token, self._declared)

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

    def status(self, sample_id: str) -> tuple[Status | None, str]:
        """The status that a sample has, None if it has none yet, and its message.

        Raises:
            OutageError: the database does not answer any longer.
        """
        view = self._dataset.select(sample_id)
        paths = [self._fields.status, self._fields.message]
        statuses, messages = patiently(view.values, paths)
        return (statuses[0], messages[0] or "") if statuses else (None, "")

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
                raise taken_over(self._fields, self._key)
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
                raise taken_over(self._fields, self._key)

    def _source(self, sample_id: str) -> SourceTracks | None:
        """The labels that the boxes of a video come from; None if a detector found them."""
        field = self._request.frame_boxes
        return None if field is None else SourceTracks(self._samples, sample_id, field)

    def _check(self, sample_id: str) -> None:
        """Raises the error for what was deleted, if anything was: the sample, or all of the run."""
        dataset = self._dataset
        there = stored(dataset)
        if there is None:
            raise dataset_deleted(dataset)
        lost = sorted(self._declared - there.fields)
        if self._key not in there.runs:
            raise run_deleted(self._key)
        if lost:
            raise RunEndedError(
                f"{', '.join(lost)} was deleted during the run '{self._key}', so it ended early."
            )
        if not dataset.select(sample_id).count():
            raise SampleDeletedError("The sample was deleted from the dataset during the run.")


def dataset_deleted(dataset: fo.Dataset) -> RunEndedError:
    """The error for a run whose dataset was deleted."""
    return RunEndedError(
        f"The dataset '{dataset.name}' was deleted during the run, so it ended early."
    )


def taken_over(fields: Fields, key: str) -> RunEndedError:
    """The error for a run that another process took the fields from."""
    return RunEndedError(
        f"Another process took '{fields.tube}' over, as it was asked to or as this one did not "
        f"answer for a while. The run '{key}' ended early."
    )
