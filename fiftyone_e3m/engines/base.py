"""What a run requires of an engine: something that grounds its videos, here or elsewhere."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from ..calibration import Calibration
from ..dataset.active import ActiveRun
from ..results import VideoReport
from .tasks import Task
from .worker import Models


class Engine(Protocol):
    """Grounds the videos of a run.

    Attributes:
        models: what its workers have loaded.
    """

    models: Models

    def reports(
        self, run: ActiveRun, tasks: Sequence[Task], calibration: Calibration
    ) -> Generator[VideoReport]:
        """Grounds videos until the run is asked to stop; what it yields is written.

        Args:
            run: the active run.
            tasks: the videos.
            calibration: changes the confidences.

        Raises:
            RunEndedError: the run can write nothing more.
            OutageError: the database does not answer any longer.
        """
        ...

    def close(self) -> None:
        """Ends its workers."""
        ...
