"""The engine of one process: it looks at the next video while it answers the current one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from threading import Event

from fiftyone.core.collections import SampleCollection

from ..calibration import Calibration
from ..candidates import Survey
from ..dataset.active import ActiveRun
from ..dataset.at_work import AtWork, DeadlyVideoError
from ..encoders import release
from ..prefetch import ahead
from ..request import Request
from ..results import VideoReport
from .one_video import release_kept_models
from .tasks import Task
from .worker import Worker


class LocalEngine:
    """Grounds all videos in this process; see `Engine`.

    Args:
        samples: a video dataset or a view of one.
        request: what to do.

    Attributes:
        models: what was loaded.
    """

    def __init__(self, samples: SampleCollection, request: Request) -> None:
        release_kept_models()
        self._worker, self._overlap = Worker(samples, request), request.overlap
        self.models = self._worker.models

    def reports(
        self, run: ActiveRun, tasks: Sequence[Task], calibration: Calibration
    ) -> Generator[VideoReport]:
        """See `Engine`."""
        self._worker.begin(calibration)
        n_alone = sum(task.id in run.suspects for task in tasks)  # they come first
        yield from self._in_turn(run, tasks[:n_alone], 0)
        yield from self._in_turn(run, tasks[n_alone:], int(self._overlap))

    def _in_turn(self, run: ActiveRun, tasks: Sequence[Task], depth: int) -> Generator[VideoReport]:
        """Grounds videos, looking at `depth` of the next ones meanwhile."""
        if not tasks or run.stop_requested():
            return
        cancel = Event()
        surveyed = ((task, self._survey(run.at_work, task, cancel.is_set)) for task in tasks)
        with closing(ahead(surveyed, depth, cancel.set)) as upcoming:
            for task, survey in upcoming:
                if run.stop_requested():
                    break
                report = self._worker.report(task, survey, run.writer)
                if run.at_work:
                    run.at_work.end(task.id)
                yield report
                if run.stop_requested():  # cuts short the next video's survey
                    break

    def _survey(
        self, at_work: AtWork | None, task: Task, cancelled: Callable[[], bool]
    ) -> Survey | Exception | None:
        """See `Worker.survey`; notes the video before."""
        if at_work:
            try:
                at_work.begin(task.id)
            except DeadlyVideoError as error:
                return error
        return self._worker.survey(task, cancelled)

    def close(self) -> None:
        """See `Engine`. Its models are released, as the App's server lives on."""
        del self._worker
        release()
