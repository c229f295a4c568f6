"""A worker in a process of its own: what it is sent, and what it sends back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import Any

import fiftyone as fo
import fiftyone.core.odm as foo
from fiftyone.core.collections import SampleCollection

from ..calibration import Calibration
from ..dataset.outages import patiently
from ..dataset.writer import Pass, Writer
from ..request import GroundingError, Request
from ..results import VideoReport
from .tasks import tasks_of
from .worker import Models, Worker

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Order:
    """What a worker is for; small, and can be pickled.

    Attributes:
        dataset: name of the dataset.
        dataset_id: what tells it from one of the same name in another database.
        stages: of the view, serialised; empty for the dataset itself.
        request: what to do.
    """

    dataset: str
    dataset_id: str
    stages: tuple[dict[str, Any], ...]
    request: Request

    @classmethod
    def of(cls, samples: SampleCollection, request: Request) -> Order:
        """The order for workers of a request."""
        stages = samples._serialize() if isinstance(samples, fo.DatasetView) else []
        dataset = samples._dataset
        return cls(dataset.name, str(dataset._doc.id), tuple(stages), request)

    def samples(self) -> SampleCollection:
        """The dataset or view, in the process that calls this.

        Raises:
            GroundingError: the database of this process does not have the dataset.
        """
        try:
            dataset = fo.load_dataset(self.dataset)
        except fo.DatasetNotFoundError:
            raise self._elsewhere("no") from None
        if str(dataset._doc.id) != self.dataset_id:
            raise self._elsewhere("another")
        return fo.DatasetView._build(dataset, list(self.stages)) if self.stages else dataset

    def _elsewhere(self, which: str) -> GroundingError:
        host, port = foo.get_db_conn().client.address
        return GroundingError(
            f"A worker on {gethostname()} finds {which} dataset '{self.dataset}' in the database "
            f"'{fo.config.database_name}' at {host}:{port}. Set FIFTYONE_DATABASE_URI to an "
            "address that means the same database on all machines."
        )


class RemoteWorker:
    """A `Worker` for another process to call; Ray makes an actor of it.

    Args:
        order: what it is for.
    """

    def __init__(self, order: Order) -> None:
        self._order = order

    def load(self, path: str | None) -> Models:
        """Loads the models.

        Args:
            path: a video that must be readable here; None if there is none to try.

        Raises:
            GroundingError: it is not, or this process has another database.
            EncoderError: the encoder cannot be loaded.
            DetectorError: the detector cannot be loaded.
        """
        if path is not None and not os.access(path, os.R_OK):
            raise GroundingError(
                f"A worker on {gethostname()} cannot open {path}, which this machine can. Put the "
                "videos on storage that all machines have at the same path."
            )
        self._samples = self._order.samples()
        self._worker = Worker(self._samples, self._order.request)
        return self._worker.models

    def begin(self, calibration: Calibration, handed: Pass) -> None:
        """Prepares for the videos of a run.

        Args:
            calibration: changes the confidences.
            handed: lets this process write.
        """
        self._worker.begin(calibration)
        self._writer = patiently(Writer.of, self._samples, self._order.request, handed)

    def ground(self, sample_id: str) -> VideoReport | None:
        """Grounds a video and writes the outcome, unless that was done already.

        Returns:
            The outcome; None if the sample was deleted.

        Raises:
            RunEndedError: the run can write nothing more.
            OutageError: the database does not answer any longer.
        """
        tasks = patiently(tasks_of, self._samples, [sample_id], self._order.request)
        if not tasks:
            return None
        (task,) = tasks
        status, message = self._writer.status(sample_id)
        if status is not None:  # by a worker that died before it could report
            return VideoReport(task.id, task.path, status, message)
        return self._worker.report(task, self._worker.survey(task), self._writer)


def database_environment(n_machines: int) -> dict[str, str]:
    """Environment variables that lead workers to the database of this process.

    Args:
        n_machines: number of machines that workers may run on.

    Raises:
        GroundingError: workers on other machines cannot reach it.
    """
    host, port = foo.get_db_conn().client.address
    uri: str | None = fo.config.database_uri
    if n_machines > 1 and (uri is None or host in LOCAL_HOSTS):
        raise GroundingError(
            f"The database at {host}:{port} cannot be reached by workers on other machines. Set "
            "FIFTYONE_DATABASE_URI to one that all machines reach, here and on each of them."
        )
    return {
        "FIFTYONE_DATABASE_URI": uri or f"mongodb://{host}:{port}",
        "FIFTYONE_DATABASE_NAME": fo.config.database_name,
    }


def readable(paths: list[str]) -> str | None:
    """The first of some files that this process can read; None if there is none."""
    return next((path for path in paths if Path(path).is_file() and os.access(path, os.R_OK)), None)
