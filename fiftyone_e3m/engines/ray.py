"""The engine of many processes: Ray core actors, each with its own models, one video at a time.

The driver alone owns the run: claim, record, progress, stop request and summary. A worker reads,
grounds and writes a video by its id, the status last. So a worker that dies costs at most the
videos that it was given, and none is done twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Sequence
from typing import Any

from fiftyone.core.collections import SampleCollection

from ..calibration import Calibration
from ..dataset.active import ActiveRun
from ..dataset.writer import Pass
from ..request import GroundingError, Request
from ..results import VideoReport
from .cluster import check_sendable, connect, imported
from .remote import Order, RemoteWorker, database_environment, readable
from .tasks import Task

GLANCE = 1.0
"""Seconds between two looks at the stop request."""
LAST = 30.0
"""Seconds that workers have for what they were given, once nobody takes it any longer."""
TRIED = 20
"""Videos of which one must be readable for the workers too."""


class RayEngine:
    """Grounds videos on a Ray cluster; see `Engine`.

    Args:
        samples: a video dataset or a view of one.
        request: what to do, and its `RayOptions`.
        n_videos: number of videos there are to do.

    Attributes:
        models: what the workers have loaded.

    Raises:
        GroundingError: Ray is not installed, does not answer or has no room for a worker, or
            workers cannot reach the dataset, the videos or the models.
        EncoderError: the encoder cannot be loaded.
        DetectorError: the detector cannot be loaded.
    """

    def __init__(self, samples: SampleCollection, request: Request, n_videos: int) -> None:
        self._ray, self._options = imported(), request.ray
        check_sendable(request)
        self._order = Order.of(samples, request)
        self._path = readable(samples.limit(TRIED).values("filepath"))
        self._is_ours = connect(self._options.address)
        try:
            machines = [node for node in self._ray.nodes() if node["Alive"]]
            self._environment = database_environment(len(machines))
            actors = [self._actor() for _ in range(self._n_workers(n_videos))]
            self.models, *_ = self._get([actor.load.remote(self._path) for actor in actors])
        except BaseException:
            self.close()
            raise
        self._workers: list[_Flights] = [_Flights(actor) for actor in actors]

    def reports(
        self, run: ActiveRun, tasks: Sequence[Task], calibration: Calibration
    ) -> Generator[VideoReport]:
        """See `Engine`. On a stop request, or when it is closed, workers finish what they have."""
        handed = run.writer.handed
        self._get([worker.actor.begin.remote(calibration, handed) for worker in self._workers])
        waiting, deaths = deque(tasks), Counter[str]()
        try:
            while True:
                if run.stop_requested():
                    waiting.clear()
                self._send(waiting)
                flying = {ref: worker for worker in self._workers for ref in worker.tasks}
                if not flying:
                    return
                landed, _ = self._ray.wait(list(flying), timeout=GLANCE)
                for worker in {id(flying[ref]): flying[ref] for ref in landed}.values():
                    done, victims = self._land(worker)
                    yield from done
                    if victims is None:
                        continue
                    self._replace(worker, calibration, handed)
                    yield from self._retry(run, victims, waiting, deaths)
        finally:
            self._drain()

    def _drain(self) -> None:
        """Waits for what workers still have, then kills those that have not finished it."""
        left = [ref for worker in self._workers for ref in worker.tasks]
        try:
            left = self._unfinished(left)
        finally:  # also where a second interruption cut the waiting short
            if left:
                for worker in self._workers:
                    self._ray.kill(worker.actor)
                self._unfinished(left)  # until they are dead

    def close(self) -> None:
        """See `Engine`."""
        for worker in getattr(self, "_workers", []):
            self._ray.kill(worker.actor)
        if self._is_ours:
            self._ray.shutdown()

    def _unfinished(self, refs: list[Any]) -> list[Any]:
        """Which calls have not ended after a while."""
        if not refs:
            return []
        _, left = self._ray.wait(refs, num_returns=len(refs), timeout=LAST)
        return list(left)

    def _n_workers(self, n_videos: int) -> int:
        options, has = self._options, self._ray.cluster_resources()
        cpus, gpus = has.get("CPU", 0), has.get("GPU", 0)
        each = self._gpus
        asked = [(cpus, options.num_cpus), (gpus, each)]
        room = min((int(there / part) for there, part in asked if part), default=1)
        if room < 1:
            raise GroundingError(
                f"The Ray cluster has {cpus:g} CPUs and {gpus:g} GPUs, which is too little for a "
                f"worker of {options.num_cpus:g} CPUs and {each:g} GPUs."
            )
        return max(1, min(options.num_workers or room, n_videos))

    @property
    def _gpus(self) -> float:
        if self._options.num_gpus is not None:
            return self._options.num_gpus
        return 1.0 if self._ray.cluster_resources().get("GPU", 0) else 0.0

    def _actor(self) -> Any:
        """Starts a process for a worker."""
        # Ray's own restarts and retries stay off: what died of what is decided here
        remote = self._ray.remote(RemoteWorker).options(
            num_cpus=self._options.num_cpus,
            num_gpus=self._gpus,
            runtime_env={"env_vars": self._environment},
        )
        return remote.remote(self._order)

    def _send(self, waiting: deque[Task]) -> None:
        """Gives each worker as many videos as it may have."""
        for worker in sorted(self._workers, key=lambda worker: len(worker.tasks)):
            while waiting and len(worker.tasks) < self._options.max_in_flight:
                task = waiting.popleft()
                worker.tasks[worker.actor.ground.remote(task.id)] = task

    def _land(self, worker: _Flights) -> tuple[list[VideoReport], list[Task] | None]:
        """What a worker has done, and what it had left when it died; None if it lives."""
        done: list[VideoReport] = []
        while worker.tasks:
            ref = next(iter(worker.tasks))
            ready, _ = self._ray.wait([ref], timeout=0)
            if not ready:
                return done, None
            try:
                (report,) = self._get([ref])
            except self._ray.exceptions.RayActorError:
                victims = list(worker.tasks.values())
                worker.tasks.clear()
                return done, victims
            task = worker.tasks.pop(ref)
            gone = "The sample was deleted from the dataset during the run."
            done.append(report or VideoReport(task.id, task.path, "failed", gone))
        return done, None

    def _replace(self, worker: _Flights, calibration: Calibration, handed: Pass) -> None:
        """Puts a new process in place of one that died."""
        worker.actor = self._actor()
        self._get([worker.actor.load.remote(self._path)])
        self._get([worker.actor.begin.remote(calibration, handed)])

    def _retry(
        self, run: ActiveRun, victims: list[Task], waiting: deque[Task], deaths: Counter[str]
    ) -> Generator[VideoReport]:
        """Queues what a dead worker had left again; of the first of it, it may have died."""
        (suspect, *others) = victims
        waiting.extendleft(reversed(others))
        status, message = run.writer.status(suspect.id)
        if status is not None:
            yield VideoReport(suspect.id, suspect.path, status, message)
            return
        deaths[suspect.id] += 1
        if deaths[suspect.id] <= self._options.max_retries:
            waiting.appendleft(suspect)
            return
        message = (
            f"{deaths[suspect.id]} workers died while they grounded this video, so it was given "
            "up. Look for the reason in Ray's logs, often that memory ran out: lower max_frames or "
            "max_boxes, or give a worker more."
        )
        run.writer.write(suspect.id, "failed", message)
        yield VideoReport(suspect.id, suspect.path, "failed", message)

    def _get(self, refs: list[Any]) -> list[Any]:
        """The results of calls; an error in a worker is raised as it was there."""
        try:
            results: list[Any] = self._ray.get(refs)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        return results


class _Flights:
    """A worker, and the videos that it was given, in order."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.tasks: dict[Any, Task] = {}
