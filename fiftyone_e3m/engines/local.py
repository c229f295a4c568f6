"""The engine of one process: it looks at the next video while it answers the current one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from threading import Event

from fiftyone.core.collections import SampleCollection

from ..calibration import Calibration
from ..dataset.active import ActiveRun
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
        cancel = Event()
        surveyed = ((task, self._worker.survey(task, cancel.is_set)) for task in tasks)
        with closing(ahead(surveyed, int(self._overlap), cancel.set)) as upcoming:
            for task, survey in upcoming:
                if run.stop_requested():
                    break
                yield self._worker.report(task, survey, run.writer)
                if run.stop_requested():  # cuts short the next video's survey
                    break

    def close(self) -> None:
        """See `Engine`. Its models are released, as the App's server lives on."""
        del self._worker
        release()
